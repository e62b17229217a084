-- How many articles of each day mention X and the place Y, days without any included?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: place VARCHAR = most_mentioned('PLACE') -- The place; without it, the one most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- returns: day DATE, articles BIGINT
-- chart: line x=day y=articles
WITH mine AS (
    SELECT x.published_on, count(DISTINCT x.article_no) AS articles
    FROM entity_articles AS x
    INNER JOIN entity_articles AS y ON x.article_no = y.article_no
    WHERE
        x.entity_id IN (SELECT entity_id FROM entity_called($name))
        AND y.entity_id IN (
            SELECT n.entity_id
            FROM entity_names AS n
            -- A person or a company may be called as the place is.
            WHERE n.folded = fold($place) AND n.entity_type = 'PLACE'
        )
    GROUP BY x.published_on
)

SELECT t.day, coalesce(m.articles, 0) AS articles
FROM entity_timeline($name, $from, $to) AS t
LEFT JOIN mine AS m ON t.day = m.published_on
ORDER BY t.day
