-- Which places were in the news in the last 90 days more than before?
WITH last_day AS (
    SELECT max(published_on) AS day FROM articles
),

per_period AS (
    SELECT
        m.entity_id,
        count(DISTINCT m.article_id) FILTER (WHERE m.published_on > l.day - 90) AS recent,
        count(DISTINCT m.article_id) FILTER (WHERE m.published_on <= l.day - 90) AS before
    FROM mentions AS m
    CROSS JOIN last_day AS l
    WHERE m.mention_type = 'PLACE'
    GROUP BY m.entity_id
),

totals AS (
    SELECT
        count(*) FILTER (WHERE a.published_on > l.day - 90) AS recent,
        count(*) FILTER (WHERE a.published_on <= l.day - 90) AS before
    FROM articles AS a
    CROSS JOIN last_day AS l
)

SELECT
    e.name AS place,
    p.recent AS articles_recently,
    p.before AS articles_before,
    -- Half an article more on each side keeps a place that is new from being infinitely much on the rise.
    round(((p.recent + 0.5) / (t.recent + 1)) / ((p.before + 0.5) / (t.before + 1)), 1) AS times_its_usual_share
FROM per_period AS p
CROSS JOIN totals AS t
INNER JOIN entities AS e ON p.entity_id = e.entity_id
WHERE p.recent >= 2
ORDER BY times_its_usual_share DESC, articles_recently DESC, place
LIMIT 10
