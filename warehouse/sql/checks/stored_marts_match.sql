-- The stored marts account for every mention of an entity, and for nothing else.
-- scope: whole
WITH counts AS (
    SELECT
        (SELECT count(*) FROM mentions WHERE entity_id IS NOT NULL) AS mention_count,
        (SELECT coalesce(sum(mention_count), 0) FROM entity_articles) AS of_articles,
        (SELECT coalesce(sum(mention_count), 0) FROM entity_names) AS of_names
)

SELECT mention_count, of_articles, of_names
FROM counts
WHERE mention_count <> of_articles OR mention_count <> of_names
