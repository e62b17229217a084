-- One row per source: its articles of a period and of as many days before it, and whom it mentions in most of them.
WITH per_source AS (
    SELECT
        source,
        count(*) FILTER (WHERE published_on BETWEEN $from AND $to) AS articles,
        count(*) FILTER (
            WHERE published_on BETWEEN $from - ($to - $from + 1)::INTEGER AND $from - 1
        ) AS former_articles,
        count(DISTINCT published_on) FILTER (WHERE published_on BETWEEN $from AND $to) AS days,
        round(avg(word_count) FILTER (WHERE published_on BETWEEN $from AND $to)) AS words,
        max(published_on) AS last_on
    FROM articles
    GROUP BY source
),

ranked AS (
    SELECT
        source,
        entity_id,
        row_number() OVER (PARTITION BY source ORDER BY count(*) DESC, sum(mention_count) DESC, entity_id) AS place
    FROM entity_articles
    WHERE published_on BETWEEN $from AND $to
    GROUP BY source, entity_id
),

names AS (
    SELECT r.source, string_agg(e.name, ', ' ORDER BY r.place) AS names
    FROM ranked AS r
    INNER JOIN entities AS e ON r.entity_id = e.entity_id
    WHERE r.place <= 3
    GROUP BY r.source
)

SELECT s.source, s.articles, s.former_articles, s.days, s.words, s.last_on, n.names
FROM per_source AS s
LEFT JOIN names AS n ON s.source = n.source
ORDER BY s.articles DESC, s.source
