-- One row per article as the release that was current at the end of a day (UTC) had it.
-- example: FROM as_known_on('2024-11-24')
CREATE OR REPLACE MACRO as_known_on(known_on) AS TABLE
SELECT
    v.article_id, v.source, v.path, v.record_no, v.published_on, v.title, v.body, v.content_sha256, v.version_no,
    began.finished_at AS known_since
FROM article_versions AS v
INNER JOIN runs AS began ON v.first_run_id = began.run_id
WHERE
    -- Seconds since 1970, as days in a time zone would depend on the session.
    epoch(began.finished_at) < epoch((known_on::DATE + 1)::TIMESTAMP)
    AND (
        v.last_run_id IS NULL
        -- A version is current until the next run after its last one publishes a release.
        OR NOT EXISTS (
            SELECT 1
            FROM runs AS later
            WHERE
                later.run_id > v.last_run_id
                AND later.status IN ('published', 'rebuilt')
                AND epoch(later.finished_at) < epoch((known_on::DATE + 1)::TIMESTAMP)
        )
    )
ORDER BY v.published_on, v.article_id
