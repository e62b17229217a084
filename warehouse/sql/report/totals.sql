-- One row: what a period has, and how many articles as many days before it had.
SELECT
    count(*) FILTER (WHERE published_on BETWEEN $from AND $to) AS articles,
    count(*) FILTER (
        WHERE published_on BETWEEN $from - ($to - $from + 1)::INTEGER AND $from - 1
    ) AS former_articles,
    count(*) FILTER (WHERE published_on IS NULL) AS undated,
    count(*) AS all_articles,
    count(DISTINCT source) FILTER (WHERE published_on BETWEEN $from AND $to) AS sources,
    count(DISTINCT source) AS all_sources,
    count(DISTINCT published_on) FILTER (WHERE published_on BETWEEN $from AND $to) AS days,
    min(published_on) AS first_on,
    (SELECT count(DISTINCT entity_id) FROM entity_articles WHERE published_on BETWEEN $from AND $to) AS entities
FROM articles
