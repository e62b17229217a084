-- Which entities were mentioned for the first time in these days?
-- param: to DATE = (SELECT max(published_on) FROM articles) -- Last day; without it, that of the last article.
-- param: days INTEGER = 7 -- How many days up to it.
-- param: limit INTEGER = 20 -- Most rows.
-- returns: name VARCHAR, type VARCHAR, first_seen DATE, articles BIGINT, mentions BIGINT
-- chart: bars label=name value=articles
WITH counts AS (
    SELECT entity_id, count(*) AS articles, sum(mention_count)::BIGINT AS mentions
    FROM entity_articles
    WHERE published_on > $to - $days AND published_on <= $to
    GROUP BY entity_id
)

SELECT e.name, e.entity_type AS type, e.first_seen_on AS first_seen, c.articles, c.mentions
FROM counts AS c
INNER JOIN entities AS e ON c.entity_id = e.entity_id
WHERE e.first_seen_on > $to - $days
ORDER BY c.articles DESC, c.mentions DESC, e.name, e.entity_id
LIMIT $limit
