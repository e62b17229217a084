-- One row per source: files by status, and the articles they account for.
SELECT
    source, -- column: Name of the source.
    count(*) AS file_count, -- column: Its files ever seen.
    count(*) FILTER (WHERE status = 'loaded') AS loaded_count, -- column: Files whose articles are in the warehouse.
    count(*) FILTER (WHERE status = 'quarantined') AS quarantined_count, -- column: Files refused, with a reason.
    count(*) FILTER (WHERE status = 'retired') AS retired_count, -- column: Files gone from their source.
    sum(article_count)::BIGINT AS article_count -- column: Articles that the files account for.
FROM files
GROUP BY source
ORDER BY source
