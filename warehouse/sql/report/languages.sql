-- One row per language of a period's articles, the most first.
SELECT coalesce(language, 'unknown') AS language, count(*) AS articles
FROM articles
WHERE published_on BETWEEN $from AND $to
GROUP BY ALL
ORDER BY articles DESC, language
