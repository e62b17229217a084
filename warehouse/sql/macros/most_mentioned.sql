-- The name of the entity of a type that most articles mention, or of the next ones (place 2, 3, …).
CREATE OR REPLACE MACRO most_mentioned(wanted_type, place := 1) AS (
    SELECT name
    FROM entities
    WHERE entity_type = wanted_type
    ORDER BY article_count DESC, mention_count DESC, name, entity_id
    LIMIT 1 OFFSET place - 1
)
