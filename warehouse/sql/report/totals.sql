-- One row: what a period has, and what it is compared with: as many days before it, and the year before it.
WITH named AS (
    SELECT DISTINCT article_id
    FROM entity_articles
    WHERE published_on BETWEEN $from AND $to
)

SELECT
    count(*) FILTER (WHERE published_on BETWEEN $from AND $to) AS articles,
    count(*) FILTER (
        WHERE published_on BETWEEN $from - ($to - $from + 1)::INTEGER AND $from - 1
    ) AS former_articles,
    count(*) FILTER (WHERE published_on BETWEEN $from - 365 AND $from - 1) AS year_articles,
    count(*) FILTER (WHERE published_on IS NULL) AS undated_articles,
    count(*) AS all_articles,
    count(*) FILTER (
        WHERE published_on BETWEEN $from AND $to AND article_id NOT IN (SELECT article_id FROM named)
    ) AS unnamed_articles,
    -- Of several articles with one title, all but the first.
    count(title) FILTER (WHERE published_on BETWEEN $from AND $to)
    - count(DISTINCT title) FILTER (WHERE published_on BETWEEN $from AND $to) AS repeated_titles,
    count(DISTINCT source) FILTER (WHERE published_on BETWEEN $from AND $to) AS sources,
    count(DISTINCT source) AS all_sources,
    count(DISTINCT published_on) FILTER (WHERE published_on BETWEEN $from AND $to) AS days,
    min(published_on) AS first_on,
    (SELECT count(DISTINCT entity_id) FROM entity_articles WHERE published_on BETWEEN $from AND $to) AS names,
    (SELECT make_timestamp(epoch_us(max(finished_at))) FROM runs) AS loaded_at
FROM articles
