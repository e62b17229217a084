-- Which days had the most articles, and what were they about?
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 10 -- Most rows.
-- returns: day DATE, articles BIGINT, sources BIGINT, most_mentioned VARCHAR
-- chart: bars label=day value=articles
WITH busiest AS (
    SELECT published_on, count(*) AS articles, count(DISTINCT source) AS sources
    FROM articles
    WHERE published_on IS NOT NULL AND is_within(published_on, $from, $to)
    GROUP BY published_on
    ORDER BY articles DESC, published_on
    LIMIT $limit
),

counts AS (
    SELECT
        published_on,
        entity_id,
        row_number() OVER (PARTITION BY published_on ORDER BY count(*) DESC, sum(mention_count) DESC, entity_id) AS place
    FROM entity_articles
    WHERE published_on IN (SELECT published_on FROM busiest)
    GROUP BY published_on, entity_id
),

tops AS (
    SELECT c.published_on, string_agg(e.name, ', ' ORDER BY c.place) AS names
    FROM counts AS c
    INNER JOIN entities AS e ON c.entity_id = e.entity_id
    WHERE c.place <= 3
    GROUP BY c.published_on
)

SELECT b.published_on AS day, b.articles, b.sources, t.names AS most_mentioned
FROM busiest AS b
LEFT JOIN tops AS t ON b.published_on = t.published_on
ORDER BY b.articles DESC, b.published_on
