-- One row per entity and day on which it is mentioned: mentions, articles, and the share of the day's articles.
WITH per_entity AS (
    SELECT entity_id, published_on, sum(mention_count) AS mention_count, count(*) AS article_count
    FROM entity_articles
    WHERE published_on IS NOT NULL
    GROUP BY entity_id, published_on
),

per_day AS (
    SELECT published_on, count(*) AS day_article_count
    FROM articles
    WHERE published_on IS NOT NULL
    GROUP BY published_on
)

SELECT
    e.entity_id, -- column: The entity.
    e.entity_type, -- column: Its type: PERSON, ORGANISATION, PLACE, …
    e.name, -- column: Its name.
    p.published_on, -- column: The day.
    p.mention_count::BIGINT AS mention_count, -- column: Mentions of it on that day.
    p.article_count, -- column: Articles of that day that mention it.
    p.article_count / d.day_article_count AS share_of_articles -- column: Their share of all articles of that day, 0 to 1.
FROM per_entity AS p
INNER JOIN entities AS e ON p.entity_id = e.entity_id
INNER JOIN per_day AS d ON p.published_on = d.published_on
