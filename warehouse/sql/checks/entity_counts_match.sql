-- An entity's counts are those of its mentions.
-- scope: whole
WITH per_article AS (
    SELECT entity_id, count(*) AS mention_count
    FROM mentions
    WHERE entity_id IS NOT NULL
    GROUP BY entity_id, article_id
),

actual AS (
    SELECT entity_id, sum(mention_count) AS mention_count, count(*) AS article_count
    FROM per_article
    GROUP BY entity_id
)

SELECT e.entity_id, e.name, e.mention_count, coalesce(a.mention_count, 0) AS actual_mentions
FROM entities AS e
LEFT JOIN actual AS a ON e.entity_id = a.entity_id
WHERE
    e.mention_count <> coalesce(a.mention_count, 0)
    OR e.article_count <> coalesce(a.article_count, 0)
