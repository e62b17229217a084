-- What is the longest time without any mention of X?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: limit INTEGER = 5 -- Most rows.
-- returns: name VARCHAR, silent_from DATE, silent_to DATE, days BIGINT, articles_meanwhile BIGINT
WITH seen AS (
    SELECT DISTINCT published_on
    FROM entity_articles
    WHERE entity_id IN (SELECT entity_id FROM entity_called($name)) AND published_on IS NOT NULL
),

spells AS (
    SELECT
        published_on + 1 AS silent_from,
        lead(published_on) OVER (ORDER BY published_on) - 1 AS silent_to
    FROM seen
),

longest AS (
    SELECT silent_from, silent_to, silent_to - silent_from + 1 AS days
    FROM spells
    WHERE silent_to >= silent_from
    ORDER BY days DESC, silent_from
    LIMIT $limit
)

SELECT x.name, l.silent_from, l.silent_to, l.days, count(a.article_id) AS articles_meanwhile
FROM longest AS l
CROSS JOIN entity_called($name) AS x
LEFT JOIN articles AS a ON a.published_on BETWEEN l.silent_from AND l.silent_to
GROUP BY x.name, l.silent_from, l.silent_to, l.days
ORDER BY l.days DESC, l.silent_from
