-- One row per source and day with articles: how many articles and words.
SELECT
    source,
    published_on,
    count(*) AS article_count,
    sum(word_count) AS word_count
FROM articles
WHERE published_on IS NOT NULL
GROUP BY source, published_on
ORDER BY published_on, source
