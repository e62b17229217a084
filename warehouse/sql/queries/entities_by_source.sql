-- How often does each source mention the entities that are mentioned most?
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: type VARCHAR = 'PERSON' -- PERSON, ORGANISATION, PLACE, GROUP, EVENT or OTHER.
-- param: limit INTEGER = 10 -- Most entities.
-- returns: name VARCHAR, source VARCHAR, articles BIGINT, share_of_source DOUBLE
WITH counts AS (
    SELECT entity_id, source, count(*) AS articles
    FROM entity_articles
    WHERE entity_type = $type AND is_within(published_on, $from, $to)
    GROUP BY entity_id, source
),

top AS (
    SELECT entity_id, sum(articles) AS articles
    FROM counts
    GROUP BY entity_id
    ORDER BY articles DESC, entity_id
    LIMIT $limit
),

per_source AS (
    SELECT source, count(*) AS articles
    FROM articles
    WHERE is_within(published_on, $from, $to)
    GROUP BY source
)

-- Every entity with every source: a matrix in rows, for a pivot table.
SELECT
    e.name,
    s.source,
    coalesce(c.articles, 0) AS articles,
    coalesce(c.articles, 0) / s.articles AS share_of_source
FROM top AS t
INNER JOIN entities AS e ON t.entity_id = e.entity_id
CROSS JOIN per_source AS s
LEFT JOIN counts AS c ON t.entity_id = c.entity_id AND s.source = c.source
ORDER BY t.articles DESC, e.name, e.entity_id, s.source
