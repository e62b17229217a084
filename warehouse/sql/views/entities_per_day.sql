-- One row per entity and day on which it is mentioned: mentions, articles, and the share of the day's articles.
WITH per_entity AS (
    SELECT
        entity_id,
        published_on,
        count(*) AS mention_count,
        count(DISTINCT article_id) AS article_count
    FROM mentions
    WHERE entity_id IS NOT NULL AND published_on IS NOT NULL
    GROUP BY entity_id, published_on
),

per_day AS (
    SELECT published_on, count(*) AS day_article_count
    FROM articles
    WHERE published_on IS NOT NULL
    GROUP BY published_on
)

SELECT
    e.entity_id,
    e.entity_type,
    e.name,
    p.published_on,
    p.mention_count,
    p.article_count,
    p.article_count / d.day_article_count AS share_of_articles
FROM per_entity AS p
INNER JOIN entities AS e ON p.entity_id = e.entity_id
INNER JOIN per_day AS d ON p.published_on = d.published_on
