-- The entity that a name, a spelling or an entity_id means: the one with most mentions so called; no row if there is none.
-- example: FROM entity_called('erdogan')
CREATE OR REPLACE MACRO entity_called(called) AS TABLE
SELECT entity_id, entity_type, name
FROM (
    SELECT entity_id, entity_type, name, weight FROM entity_names WHERE folded = fold(called)
    UNION ALL
    SELECT entity_id, entity_type, name, 0 FROM entities WHERE entity_id = called
) AS candidates
ORDER BY weight DESC, entity_id DESC
LIMIT 1
