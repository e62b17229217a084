-- One row per entity that is mentioned in articles with another one, the most frequent first (all, or the first max_rows).
-- example: FROM co_mentioned('Joe Biden', '2024-01-01', '2024-06-30')
CREATE OR REPLACE MACRO co_mentioned(called, from_on := NULL, to_on := NULL, max_rows := NULL) AS TABLE
SELECT
    e.entity_id,
    e.entity_type,
    e.name,
    pairs.article_count,
    pairs.article_count / theirs.article_count AS share_of_articles,
    -- How many times as often as chance would have it.
    pairs.article_count / theirs.article_count * totals.article_count / others.article_count AS lift
FROM (
    SELECT entity_id, count(*) AS article_count
    FROM entity_articles
    WHERE
        article_no IN (
            SELECT a.article_no
            FROM entity_articles AS a
            WHERE a.entity_id IN (SELECT entity_id FROM entity_called(called))
        )
        AND entity_id NOT IN (SELECT entity_id FROM entity_called(called))
        AND is_within(published_on, from_on, to_on)
    GROUP BY entity_id
    ORDER BY article_count DESC, entity_id
    LIMIT max_rows
) AS pairs
CROSS JOIN (
    SELECT count(*) AS article_count
    FROM entity_articles
    WHERE
        entity_id IN (SELECT entity_id FROM entity_called(called))
        AND is_within(published_on, from_on, to_on)
) AS theirs
CROSS JOIN (SELECT count(*) AS article_count FROM articles WHERE is_within(published_on, from_on, to_on)) AS totals
INNER JOIN (
    SELECT entity_id, count(*) AS article_count
    FROM entity_articles
    WHERE is_within(published_on, from_on, to_on)
    GROUP BY entity_id
) AS others ON pairs.entity_id = others.entity_id
INNER JOIN entities AS e ON pairs.entity_id = e.entity_id
ORDER BY pairs.article_count DESC, lift DESC, e.name, e.entity_id
