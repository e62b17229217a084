-- One row per pair of people, organisations and places that articles of a period mention together, the most first.
SELECT name, entity_type, other_name, other_entity_type, article_count AS articles, lift
FROM network($from, $to, $min_count)
WHERE
    entity_type IN ('PERSON', 'ORGANISATION', 'PLACE')
    AND other_entity_type IN ('PERSON', 'ORGANISATION', 'PLACE')
ORDER BY article_count DESC, lift DESC, name, other_name, entity_id, other_entity_id
LIMIT 30
