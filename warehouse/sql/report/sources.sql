-- One row per source: its articles of a period, and whom it mentions most then.
WITH per_source AS (
    SELECT
        source,
        count(*) FILTER (WHERE published_on BETWEEN $from AND $to) AS articles,
        count(DISTINCT published_on) FILTER (WHERE published_on BETWEEN $from AND $to) AS days,
        avg(word_count) FILTER (WHERE published_on BETWEEN $from AND $to) AS words,
        max(published_on) AS last_on
    FROM articles
    GROUP BY source
),

most AS (
    SELECT
        source,
        entity_id,
        row_number() OVER (PARTITION BY source ORDER BY count(*) DESC, sum(mention_count) DESC, entity_id) AS place
    FROM entity_articles
    WHERE published_on BETWEEN $from AND $to
    GROUP BY source, entity_id
),

names AS (
    SELECT m.source, string_agg(e.name, ', ' ORDER BY m.place) AS names
    FROM most AS m
    INNER JOIN entities AS e ON m.entity_id = e.entity_id
    WHERE m.place <= 3
    GROUP BY m.source
)

SELECT s.source, s.articles, s.days, round(s.words) AS words, s.last_on, n.names
FROM per_source AS s
LEFT JOIN names AS n ON s.source = n.source
ORDER BY s.articles DESC, s.source
