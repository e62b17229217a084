-- One row per pair of entities (the smaller id first) and month: in how many articles both are mentioned.
WITH entity_articles AS (
    SELECT DISTINCT published_month, article_id, entity_id
    FROM mentions
    WHERE entity_id IS NOT NULL
),

pairs AS (
    SELECT
        a.published_month,
        a.entity_id,
        b.entity_id AS other_entity_id,
        count(*) AS article_count
    FROM entity_articles AS a
    INNER JOIN entity_articles AS b ON a.article_id = b.article_id AND a.entity_id < b.entity_id
    GROUP BY a.published_month, a.entity_id, b.entity_id
)

SELECT
    p.published_month,
    p.entity_id,
    e.entity_type,
    e.name,
    p.other_entity_id,
    o.entity_type AS other_entity_type,
    o.name AS other_name,
    p.article_count
FROM pairs AS p
INNER JOIN entities AS e ON p.entity_id = e.entity_id
INNER JOIN entities AS o ON p.other_entity_id = o.entity_id
