-- One row per entity of the fifteen that most articles of a period mention, five of each type, and the days before it.
WITH counts AS (
    SELECT
        entity_id,
        entity_type,
        count(*) FILTER (WHERE published_on >= $from) AS articles,
        count(*) FILTER (WHERE published_on < $from) AS former_articles,
        sum(mention_count) FILTER (WHERE published_on >= $from) AS mentions
    FROM entity_articles
    WHERE
        published_on BETWEEN $from - ($to - $from + 1)::INTEGER AND $to
        AND entity_type IN ('PERSON', 'ORGANISATION', 'PLACE')
    GROUP BY entity_id, entity_type
    HAVING articles > 0
)

SELECT c.entity_id, e.name, c.entity_type, c.articles, c.former_articles
FROM counts AS c
INNER JOIN entities AS e ON c.entity_id = e.entity_id
QUALIFY row_number() OVER (
    PARTITION BY c.entity_type ORDER BY c.articles DESC, c.mentions DESC, e.name, c.entity_id
) <= 5
ORDER BY c.articles DESC, c.mentions DESC, e.name, c.entity_id
