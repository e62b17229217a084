-- One row per day of a period: its articles, days without any included.
SELECT d.day, coalesce(p.articles, 0) AS articles
FROM (SELECT unnest(generate_series($from::DATE, $to::DATE, INTERVAL 1 DAY))::DATE AS day) AS d
LEFT JOIN (
    SELECT published_on, count(*) AS articles
    FROM articles
    WHERE published_on BETWEEN $from AND $to
    GROUP BY published_on
) AS p ON d.day = p.published_on
ORDER BY d.day
