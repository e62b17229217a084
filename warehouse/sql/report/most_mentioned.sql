-- One row per entity of the six that most articles of a period mention: people, organisations and places, two each.
WITH counts AS (
    SELECT entity_id, entity_type, count(*) AS articles, sum(mention_count) AS mentions
    FROM entity_articles
    WHERE published_on BETWEEN $from AND $to AND entity_type IN ('PERSON', 'ORGANISATION', 'PLACE')
    GROUP BY entity_id, entity_type
    QUALIFY row_number() OVER (PARTITION BY entity_type ORDER BY articles DESC, mentions DESC, entity_id) <= 2
)

SELECT c.entity_id, e.name, c.entity_type, c.articles
FROM counts AS c
INNER JOIN entities AS e ON c.entity_id = e.entity_id
ORDER BY c.articles DESC, c.mentions DESC, e.name, c.entity_id
