-- One row per entity that is in the news more than usual on the days up to a date, the surest first.
-- The score compares its share of articles in the window with that in the days before, by Fisher's exact test: see the
-- macro surprise. At 3, chance would do it for one entity in a thousand.
-- example: FROM trending('2024-11-24', window_days := 7)
CREATE OR REPLACE MACRO trending(on_date, window_days := 7, baseline_days := 365) AS TABLE
SELECT
    e.entity_id,
    e.entity_type,
    e.name,
    counts.recent AS article_count,
    counts.recent / totals.recent AS share_of_articles,
    counts.former / nullif(totals.former, 0) AS usual_share,
    surprise(counts.recent, totals.recent, counts.former, totals.former) AS score
FROM (
    SELECT
        entity_id,
        count(*) FILTER (WHERE published_on > on_date::DATE - window_days::INTEGER) AS recent,
        count(*) FILTER (WHERE published_on <= on_date::DATE - window_days::INTEGER) AS former
    FROM entity_articles
    WHERE
        published_on <= on_date::DATE
        AND published_on > on_date::DATE - window_days::INTEGER - baseline_days::INTEGER
    GROUP BY entity_id
) AS counts
CROSS JOIN (
    SELECT
        count(*) FILTER (WHERE published_on > on_date::DATE - window_days::INTEGER) AS recent,
        count(*) FILTER (WHERE published_on <= on_date::DATE - window_days::INTEGER) AS former
    FROM articles
    WHERE
        published_on <= on_date::DATE
        AND published_on > on_date::DATE - window_days::INTEGER - baseline_days::INTEGER
) AS totals
INNER JOIN entities AS e ON counts.entity_id = e.entity_id
WHERE counts.recent > 0 AND counts.recent * totals.former > counts.former * totals.recent
ORDER BY score DESC, e.name, e.entity_id
