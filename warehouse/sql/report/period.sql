-- One row: the last seven days that have articles, as the first and the last of them; nulls without any dated article.
SELECT min(day) AS from_on, max(day) AS to_on
FROM (
    SELECT DISTINCT published_on AS day
    FROM articles
    WHERE published_on IS NOT NULL
    ORDER BY day DESC
    LIMIT 7
) AS latest
