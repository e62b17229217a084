-- One row per day: articles and mentions of an entity and its share of the day's articles, days without any included.
-- example: FROM entity_timeline('Baku', '2024-11-01', '2024-11-30')
CREATE OR REPLACE MACRO entity_timeline(called, from_on := NULL, to_on := NULL) AS TABLE
SELECT
    who.name,
    days.day,
    coalesce(per_day.article_count, 0) AS article_count,
    coalesce(per_day.mention_count, 0)::BIGINT AS mention_count,
    coalesce(per_day.article_count / nullif(days.article_count, 0), 0) AS share_of_articles
FROM (
    SELECT wanted.day, calendar.article_count
    FROM (
        -- Days beyond the calendar are empty days as well.
        SELECT unnest(generate_series(
            coalesce(from_on::DATE, (SELECT min(published_on) FROM articles)),
            coalesce(to_on::DATE, (SELECT max(published_on) FROM articles)),
            INTERVAL 1 DAY
        ))::DATE AS day
    ) AS wanted
    LEFT JOIN calendar ON wanted.day = calendar.day
) AS days
CROSS JOIN entity_called(called) AS who
LEFT JOIN (
    SELECT published_on, count(*) AS article_count, sum(mention_count) AS mention_count
    FROM entity_articles
    WHERE entity_id IN (SELECT entity_id FROM entity_called(called))
    GROUP BY published_on
) AS per_day ON days.day = per_day.published_on
ORDER BY days.day
