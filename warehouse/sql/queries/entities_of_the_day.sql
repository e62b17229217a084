-- Which entities mark each day: the top ones by TF-IDF?
-- A day's mentions of an entity, times how rare the entity is: the logarithm of all days with articles over the days
-- that mention it. Spärck Jones, A statistical interpretation of term specificity, Journal of Documentation 28(1), 1972.
-- param: from DATE = (SELECT max(published_on) FROM articles) - 29 -- First day; without it, thirty days before the last article.
-- param: to DATE = (SELECT max(published_on) FROM articles) -- Last day; without it, that of the last article.
-- param: limit INTEGER = 3 -- Most entities of a day.
-- returns: day DATE, place BIGINT, name VARCHAR, type VARCHAR, mentions BIGINT, tf_idf DOUBLE
WITH per_day AS (
    SELECT entity_id, published_on, sum(mention_count)::BIGINT AS mentions
    FROM entity_articles
    WHERE is_within(published_on, $from, $to) AND published_on IS NOT NULL
    GROUP BY entity_id, published_on
),

days_with AS (
    SELECT entity_id, count(DISTINCT published_on) AS day_count
    FROM entity_articles
    WHERE entity_id IN (SELECT entity_id FROM per_day)
    GROUP BY entity_id
),

all_days AS (
    SELECT count(DISTINCT published_on) AS day_count
    FROM articles
),

scored AS (
    SELECT p.published_on, p.entity_id, p.mentions, p.mentions * ln(a.day_count / d.day_count) AS tf_idf
    FROM per_day AS p
    CROSS JOIN all_days AS a
    INNER JOIN days_with AS d ON p.entity_id = d.entity_id
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY published_on ORDER BY tf_idf DESC, mentions DESC, entity_id) AS place
    FROM scored
    QUALIFY place <= $limit
)

SELECT r.published_on AS day, r.place, e.name, e.entity_type AS type, r.mentions, r.tf_idf
FROM ranked AS r
INNER JOIN entities AS e ON r.entity_id = e.entity_id
ORDER BY r.published_on, r.place
