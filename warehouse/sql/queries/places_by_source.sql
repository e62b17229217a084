-- How do the places rank in each source, and which share of its mentions of places do the first ones have together?
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 10 -- Most rows.
-- returns: source VARCHAR, rank BIGINT, place VARCHAR, mentions BIGINT, share DOUBLE, running_share DOUBLE
WITH counts AS (
    SELECT source, entity_id, sum(mention_count)::BIGINT AS mentions
    FROM entity_articles
    WHERE entity_type = 'PLACE' AND is_within(published_on, $from, $to)
    GROUP BY source, entity_id
),

ranked AS (
    SELECT
        source,
        entity_id,
        mentions,
        rank() OVER (PARTITION BY source ORDER BY mentions DESC) AS rank,
        row_number() OVER in_source AS row_no,
        mentions / sum(mentions) OVER (PARTITION BY source) AS share,
        sum(mentions) OVER in_source / sum(mentions) OVER (PARTITION BY source) AS running_share
    FROM counts
    WINDOW in_source AS (PARTITION BY source ORDER BY mentions DESC, entity_id ROWS UNBOUNDED PRECEDING)
)

SELECT r.source, r.rank, e.name AS place, r.mentions, r.share, r.running_share
FROM ranked AS r
INNER JOIN entities AS e ON r.entity_id = e.entity_id
WHERE r.row_no <= $limit
ORDER BY r.source, r.row_no
