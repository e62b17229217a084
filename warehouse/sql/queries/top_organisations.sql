-- Which organisations are written about most?
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 10 -- Most rows.
-- returns: name VARCHAR, articles BIGINT, mentions BIGINT, first_seen DATE, last_seen DATE
-- chart: bars label=name value=articles
WITH counts AS (
    SELECT
        entity_id,
        count(*) AS articles,
        sum(mention_count)::BIGINT AS mentions,
        min(published_on) AS first_seen,
        max(published_on) AS last_seen
    FROM entity_articles
    WHERE entity_type = 'ORGANISATION' AND is_within(published_on, $from, $to)
    GROUP BY entity_id
)

SELECT e.name, c.articles, c.mentions, c.first_seen, c.last_seen
FROM counts AS c
INNER JOIN entities AS e ON c.entity_id = e.entity_id
ORDER BY c.articles DESC, c.mentions DESC, e.name, e.entity_id
LIMIT $limit
