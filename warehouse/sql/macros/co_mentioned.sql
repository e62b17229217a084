-- One row per entity that is mentioned in articles with another one, the most frequent first.
-- example: FROM co_mentioned('Joe Biden', '2024-01-01', '2024-06-30')
CREATE OR REPLACE MACRO co_mentioned(called, from_on := NULL, to_on := NULL) AS TABLE
SELECT
    e.entity_id,
    e.entity_type,
    e.name,
    pairs.both_count AS article_count,
    pairs.both_count / theirs.article_count AS share_of_articles,
    -- How many times as often as chance would have it.
    pairs.both_count / theirs.article_count * totals.article_count / pairs.other_count AS lift
FROM (
    SELECT b.entity_id, count(*) AS other_count, count(a.article_no) AS both_count
    FROM entity_articles AS b
    LEFT JOIN (
        SELECT article_no
        FROM entity_articles
        WHERE entity_id IN (SELECT entity_id FROM entity_called(called))
    ) AS a ON b.article_no = a.article_no
    WHERE is_within(b.published_on, from_on, to_on)
    GROUP BY b.entity_id
    HAVING count(a.article_no) > 0
) AS pairs
CROSS JOIN (
    SELECT count(*) AS article_count
    FROM entity_articles
    WHERE
        entity_id IN (SELECT entity_id FROM entity_called(called))
        AND is_within(published_on, from_on, to_on)
) AS theirs
CROSS JOIN (SELECT count(*) AS article_count FROM articles WHERE is_within(published_on, from_on, to_on)) AS totals
INNER JOIN entities AS e ON pairs.entity_id = e.entity_id
WHERE pairs.entity_id NOT IN (SELECT entity_id FROM entity_called(called))
ORDER BY pairs.both_count DESC, lift DESC, e.name, e.entity_id
