-- One row per version of an article ever seen, with its text and the first and last run in which it was current.
SELECT
    v.article_id,
    row_number() OVER (PARTITION BY v.article_id ORDER BY v.first_run_id) AS version_no,
    v.last_run_id IS NULL AS is_current,
    v.source,
    v.path,
    v.record_no,
    v.published_on,
    v.title,
    coalesce(v.former_body, a.body) AS body,
    v.content_sha256,
    v.first_run_id,
    v.last_run_id,
    f.started_at AS first_run_at,
    l.started_at AS last_run_at
FROM versions AS v
LEFT JOIN articles AS a ON v.article_id = a.article_id AND v.last_run_id IS NULL
LEFT JOIN runs AS f ON v.first_run_id = f.run_id
LEFT JOIN runs AS l ON v.last_run_id = l.run_id
