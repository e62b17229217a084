-- One row per given name: articles and mentions of its entity in a period, and its share of voice among the names.
-- example: FROM compare(['Baku', 'Paris', 'London'])
CREATE OR REPLACE MACRO compare(names, from_on := NULL, to_on := NULL) AS TABLE
SELECT
    voices.asked,
    voices.entity_type,
    voices.name,
    voices.article_count,
    voices.mention_count,
    voices.article_count / nullif(voices.all_count, 0) AS share_of_voice,
    voices.article_count / nullif(totals.article_count, 0) AS share_of_articles
FROM (
    SELECT
        meant.asked,
        e.entity_type,
        e.name,
        coalesce(counts.article_count, 0) AS article_count,
        coalesce(counts.mention_count, 0)::BIGINT AS mention_count,
        sum(counts.article_count) OVER () AS all_count
    FROM (
        -- As entity_called, for several names at once; a name that nothing is called has a row with nothing.
        SELECT asked.asked, arg_max(n.entity_id, (n.weight, n.entity_id)) AS entity_id
        FROM (SELECT unnest(names) AS asked) AS asked
        LEFT JOIN entity_names AS n ON fold(asked.asked) = n.folded
        GROUP BY asked.asked
    ) AS meant
    LEFT JOIN entities AS e ON meant.entity_id = e.entity_id
    LEFT JOIN (
        SELECT entity_id, count(*) AS article_count, sum(mention_count) AS mention_count
        FROM entity_articles
        WHERE
            is_within(published_on, from_on, to_on)
            AND entity_id IN (
                SELECT candidates.entity_id
                FROM entity_names AS candidates
                WHERE
                    candidates.folded IN (
                        SELECT fold(asked.asked) FROM (SELECT unnest(names) AS asked) AS asked
                    )
            )
        GROUP BY entity_id
    ) AS counts ON meant.entity_id = counts.entity_id
) AS voices
CROSS JOIN (SELECT count(*) AS article_count FROM articles WHERE is_within(published_on, from_on, to_on)) AS totals
ORDER BY voices.article_count DESC, voices.asked
