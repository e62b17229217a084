-- One row per day from the first to the last article, days without articles included.
WITH span AS (
    SELECT min(published_on) AS first_on, max(published_on) AS last_on
    FROM articles
),

days AS (
    SELECT unnest(generate_series(first_on, last_on, INTERVAL 1 DAY))::DATE AS day
    FROM span
),

per_day AS (
    SELECT published_on, count(*) AS article_count, count(DISTINCT source) AS source_count
    FROM articles
    GROUP BY published_on
)

SELECT
    d.day, -- column: The day.
    year(d.day)::INTEGER AS year, -- column: Its year.
    quarter(d.day)::INTEGER AS quarter, -- column: Its quarter, 1 to 4.
    strftime(d.day, '%Y-%m') AS month, -- column: Its month as YYYY-MM: joins published_month.
    strftime(d.day, '%G-W%V') AS iso_week, -- column: Its ISO 8601 week, as 2024-W05.
    isodow(d.day)::INTEGER AS weekday_no, -- column: Its day of the week: 1 Monday to 7 Sunday.
    isodow(d.day) >= 6 AS is_weekend, -- column: Whether it is a Saturday or Sunday.
    coalesce(p.article_count, 0) AS article_count, -- column: Articles published on it.
    coalesce(p.source_count, 0) AS source_count -- column: Sources with an article on it.
FROM days AS d
LEFT JOIN per_day AS p ON d.day = p.published_on
ORDER BY d.day
