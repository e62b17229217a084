-- One row per source: files by status, and the articles they account for.
SELECT
    source,
    count(*) AS file_count,
    count(*) FILTER (WHERE status = 'loaded') AS loaded_count,
    count(*) FILTER (WHERE status = 'quarantined') AS quarantined_count,
    count(*) FILTER (WHERE status = 'retired') AS retired_count,
    sum(article_count) AS article_count
FROM files
GROUP BY source
ORDER BY source
