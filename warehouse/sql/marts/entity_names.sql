-- One row per entity and spelling: every surface that mentions it, and its name.
-- stored per entity_id
WITH spellings AS (
    SELECT entity_id, surface AS spelling, count(*) AS mention_count
    FROM mentions
    WHERE entity_id IS NOT NULL
    GROUP BY entity_id, surface
    UNION ALL
    SELECT entity_id, name, 0
    FROM entities
)

SELECT
    fold(s.spelling) AS folded, -- column: The spelling as the macro fold gives it: small letters, without accents.
    s.spelling, -- column: The name as printed.
    s.entity_id, -- column: The entity.
    e.entity_type, -- column: Its type: PERSON, ORGANISATION, PLACE, …
    e.name, -- column: Its name.
    sum(s.mention_count)::BIGINT AS mention_count, -- column: Mentions in this spelling; 0 for a name that is never printed so.
    -- A name stands for all mentions of its entity, whatever is printed.
    CASE WHEN s.spelling = e.name THEN e.mention_count ELSE sum(s.mention_count)::BIGINT END AS weight -- column: Of several entities with a spelling, the one with the highest weight is meant.
FROM spellings AS s
INNER JOIN entities AS e ON s.entity_id = e.entity_id
GROUP BY s.spelling, s.entity_id, e.entity_type, e.name, e.mention_count
-- By folded name: looking one up reads one row group.
ORDER BY folded, s.entity_id, s.spelling
