-- Which countries does each source write about most?
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 5 -- Most countries of a source.
-- returns: source VARCHAR, place BIGINT, country_code VARCHAR, articles BIGINT, share_of_source DOUBLE
WITH countries AS (
    -- Cities count for their country; an article counts once for each country.
    SELECT a.source, e.country_code, count(DISTINCT a.article_no) AS articles
    FROM entity_articles AS a
    INNER JOIN entities AS e ON a.entity_id = e.entity_id
    WHERE a.entity_type = 'PLACE' AND e.country_code IS NOT NULL AND is_within(a.published_on, $from, $to)
    GROUP BY a.source, e.country_code
),

per_source AS (
    SELECT source, count(*) AS articles
    FROM articles
    WHERE is_within(published_on, $from, $to)
    GROUP BY source
)

SELECT
    c.source,
    row_number() OVER (PARTITION BY c.source ORDER BY c.articles DESC, c.country_code) AS place,
    c.country_code,
    c.articles,
    c.articles / s.articles AS share_of_source
FROM countries AS c
INNER JOIN per_source AS s ON c.source = s.source
QUALIFY place <= $limit
ORDER BY c.source, place
