-- One row per entity and article that mentions it.
-- stored per article_id
WITH counts AS (
    SELECT entity_id, article_id, count(*)::INTEGER AS mention_count
    FROM mentions
    WHERE entity_id IS NOT NULL
    GROUP BY entity_id, article_id
)

SELECT
    c.entity_id, -- column: The entity.
    e.entity_type, -- column: Its type: PERSON, ORGANISATION, PLACE, …
    c.article_id, -- column: The article.
    n.article_no, -- column: The article's number in article_numbers, for joins of this table with itself.
    a.source, -- column: The article's source.
    a.published_on, -- column: The article's date of publication; null when unknown.
    c.mention_count -- column: Mentions of the entity in the article.
FROM counts AS c
INNER JOIN entities AS e ON c.entity_id = e.entity_id
INNER JOIN articles AS a ON c.article_id = a.article_id
INNER JOIN article_numbers AS n ON c.article_id = n.article_id
-- By entity: its rows stand together, and a query for one reads a few row groups.
ORDER BY c.entity_id, n.article_no
