-- Which roles was a person given, and when?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- returns: role VARCHAR, mentions BIGINT, articles BIGINT, first_on DATE, last_on DATE
-- chart: bars label=role value=mentions
SELECT
    m.role,
    count(*) AS mentions,
    count(DISTINCT m.article_id) AS articles,
    min(m.published_on) AS first_on,
    max(m.published_on) AS last_on
FROM mentions AS m
WHERE
    m.role IS NOT NULL
    AND m.entity_id IN (SELECT entity_id FROM entity_called($name))
    AND is_within(m.published_on, $from, $to)
GROUP BY m.role
ORDER BY first_on, mentions DESC, m.role
