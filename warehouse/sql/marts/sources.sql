-- One row per source: how much it publishes, how long its articles are, and whom it names.
WITH per_source AS (
    SELECT
        source,
        count(*) AS article_count,
        min(published_on) AS first_on,
        max(published_on) AS last_on,
        count(DISTINCT published_on) AS day_count,
        avg(word_count) AS words_per_article
    FROM articles
    GROUP BY source
),

entities_of AS (
    SELECT
        source,
        count(DISTINCT entity_id) AS entity_count,
        sum(mention_count) AS mention_count
    FROM entity_articles
    GROUP BY source
)

SELECT
    s.source, -- column: Name of the source.
    s.article_count, -- column: Its articles.
    s.article_count / sum(s.article_count) OVER () AS share_of_articles, -- column: Their share of all articles, 0 to 1.
    s.first_on, -- column: Day of its first article.
    s.last_on, -- column: Day of its last article.
    s.day_count, -- column: Days on which it has articles.
    s.article_count / nullif(s.day_count, 0) AS articles_per_day, -- column: Articles on a day on which it has any.
    s.words_per_article, -- column: Mean number of words in a body.
    coalesce(e.entity_count, 0) AS entity_count, -- column: Entities that it mentions.
    coalesce(e.mention_count, 0)::BIGINT AS mention_count, -- column: Mentions of entities in its articles.
    coalesce(e.mention_count, 0) / s.article_count AS mentions_per_article -- column: Mentions of entities per article.
FROM per_source AS s
LEFT JOIN entities_of AS e ON s.source = e.source
ORDER BY s.source
