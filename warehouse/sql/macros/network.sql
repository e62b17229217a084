-- One row per pair of entities that at least so many articles of a period mention together: the edges of a network.
-- example: FROM network('2024-01-01', '2024-03-31', min_count := 3)
CREATE OR REPLACE MACRO network(from_on := NULL, to_on := NULL, min_count := 2, in_source := NULL, of_type := NULL) AS TABLE
SELECT
    a.entity_id,
    a.entity_type,
    a.name,
    b.entity_id AS other_entity_id,
    b.entity_type AS other_entity_type,
    b.name AS other_name,
    pairs.article_count,
    -- How many times as often as chance would have it.
    pairs.article_count / one.article_count * totals.article_count / other.article_count AS lift
FROM (
    -- A pair cannot be more frequent than either of its entities: the others need not be paired.
    SELECT x.entity_id, y.entity_id AS other_entity_id, count(*) AS article_count
    FROM (
        SELECT entity_id, article_no
        FROM entity_articles
        WHERE
            is_within(published_on, from_on, to_on)
            AND (in_source IS NULL OR source = in_source)
            AND (of_type IS NULL OR entity_type = of_type)
            AND entity_id IN (SELECT entity_id FROM frequent_in(from_on, to_on, min_count, in_source))
    ) AS x
    INNER JOIN (
        SELECT entity_id, article_no
        FROM entity_articles
        WHERE
            is_within(published_on, from_on, to_on)
            AND (in_source IS NULL OR source = in_source)
            AND (of_type IS NULL OR entity_type = of_type)
            AND entity_id IN (SELECT entity_id FROM frequent_in(from_on, to_on, min_count, in_source))
    ) AS y ON x.article_no = y.article_no AND x.entity_id < y.entity_id
    GROUP BY x.entity_id, y.entity_id
    HAVING count(*) >= min_count
) AS pairs
INNER JOIN frequent_in(from_on, to_on, min_count, in_source) AS one ON pairs.entity_id = one.entity_id
INNER JOIN frequent_in(from_on, to_on, min_count, in_source) AS other ON pairs.other_entity_id = other.entity_id
CROSS JOIN (
    SELECT count(*) AS article_count
    FROM articles
    WHERE is_within(published_on, from_on, to_on) AND (in_source IS NULL OR source = in_source)
) AS totals
INNER JOIN entities AS a ON pairs.entity_id = a.entity_id
INNER JOIN entities AS b ON pairs.other_entity_id = b.entity_id
ORDER BY pairs.article_count DESC, lift DESC, a.name, b.name, a.entity_id, b.entity_id
