-- Which share of each month's articles mentions X?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- returns: month VARCHAR, articles BIGINT, all_articles BIGINT, share DOUBLE
-- chart: bars label=month value=share
WITH months AS (
    SELECT published_month AS month, count(*) AS articles
    FROM articles
    WHERE published_on IS NOT NULL AND is_within(published_on, $from, $to)
    GROUP BY published_month
),

-- The first and the last month may be cut by the period: count X there in the period alone.
mine AS (
    SELECT strftime(published_on, '%Y-%m') AS month, count(*) AS articles
    FROM entity_articles
    WHERE entity_id IN (SELECT entity_id FROM entity_called($name)) AND is_within(published_on, $from, $to)
    GROUP BY month
)

SELECT m.month, coalesce(x.articles, 0) AS articles, m.articles AS all_articles, coalesce(x.articles, 0) / m.articles AS share
FROM months AS m
LEFT JOIN mine AS x ON m.month = x.month
ORDER BY m.month
