-- One row per source and day with articles: how many articles and words.
SELECT
    source, -- column: Name of the source.
    published_on, -- column: The day.
    count(*) AS article_count, -- column: Articles of the source on that day.
    sum(word_count)::BIGINT AS word_count -- column: Words in their bodies.
FROM articles
WHERE published_on IS NOT NULL
GROUP BY source, published_on
ORDER BY published_on, source
