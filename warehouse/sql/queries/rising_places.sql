-- Which places stand out in a period against their usual?
-- Ranked by Fisher's exact test: see the macro surprise.
-- param: from DATE = (SELECT max(published_on) FROM articles) - 89 -- First day; without it, ninety days before the last article.
-- param: to DATE = (SELECT max(published_on) FROM articles) -- Last day; without it, that of the last article.
-- param: limit INTEGER = 10 -- Most rows.
-- returns: place VARCHAR, articles BIGINT, articles_otherwise BIGINT, times_its_usual_share DOUBLE, score DOUBLE
-- chart: bars label=place value=score
WITH per_place AS (
    SELECT
        entity_id,
        count(*) FILTER (WHERE published_on BETWEEN $from AND $to) AS inside,
        count(*) FILTER (WHERE published_on NOT BETWEEN $from AND $to) AS outside
    FROM entity_articles
    WHERE entity_type = 'PLACE'
    GROUP BY entity_id
),

totals AS (
    SELECT
        count(*) FILTER (WHERE published_on BETWEEN $from AND $to) AS inside,
        count(*) FILTER (WHERE published_on NOT BETWEEN $from AND $to) AS outside
    FROM articles
)

SELECT
    e.name AS place,
    p.inside AS articles,
    p.outside AS articles_otherwise,
    -- Half an article more on each side keeps a place that is new from being infinitely much on the rise.
    ((p.inside + 0.5) / (t.inside + 1)) / ((p.outside + 0.5) / (t.outside + 1)) AS times_its_usual_share,
    surprise(p.inside, t.inside, p.outside, t.outside) AS score
FROM per_place AS p
CROSS JOIN totals AS t
INNER JOIN entities AS e ON p.entity_id = e.entity_id
WHERE p.inside > 0 AND p.inside * t.outside > p.outside * t.inside
ORDER BY score DESC, articles DESC, place, e.entity_id
LIMIT $limit
