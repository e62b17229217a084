-- One row per entity and article that mentions it.
-- stored per article_id
SELECT
    m.entity_id, -- column: The entity.
    e.entity_type, -- column: Its type: PERSON, ORGANISATION, PLACE, …
    m.article_id, -- column: The article.
    n.article_no, -- column: The article's number in article_numbers, for joins of this table with itself.
    a.source, -- column: The article's source.
    a.published_on, -- column: The article's date of publication; null when unknown.
    count(*)::INTEGER AS mention_count -- column: Mentions of the entity in the article.
FROM mentions AS m
INNER JOIN entities AS e ON m.entity_id = e.entity_id
INNER JOIN articles AS a ON m.article_id = a.article_id
INNER JOIN article_numbers AS n ON m.article_id = n.article_id
GROUP BY m.entity_id, e.entity_type, m.article_id, n.article_no, a.source, a.published_on
-- By entity: its rows stand together, and a query for one reads a few row groups.
ORDER BY m.entity_id, n.article_no
