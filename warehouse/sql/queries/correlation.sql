-- How do the daily articles on X and Y go together, over a sliding window?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: other VARCHAR = most_mentioned('PERSON', 2) -- The other's; without it, the second most written about.
-- param: window INTEGER = 30 -- Days in the window.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- returns: day DATE, articles BIGINT, articles_of_other BIGINT, correlation DOUBLE
-- chart: line x=day y=articles,articles_of_other
SELECT
    x.day,
    x.article_count AS articles,
    y.article_count AS articles_of_other,
    -- Pearson's; null until the window is full, and where one of the two did not change within it.
    CASE
        WHEN count(*) OVER w = $window AND stddev_pop(x.article_count) OVER w > 0 AND stddev_pop(y.article_count) OVER w > 0
            THEN corr(x.article_count, y.article_count) OVER w
    END AS correlation
FROM entity_timeline($name, $from, $to) AS x
INNER JOIN entity_timeline($other, $from, $to) AS y ON x.day = y.day
WINDOW w AS (ORDER BY x.day RANGE BETWEEN to_days($window - 1) PRECEDING AND CURRENT ROW)
ORDER BY x.day
