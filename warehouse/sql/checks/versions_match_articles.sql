-- Every article has one current version, with its text and date, and only articles have one.
SELECT coalesce(a.article_id, v.article_id) AS article_id, a.content_sha256, v.content_sha256 AS version_sha256
FROM articles AS a
FULL JOIN (SELECT * FROM versions WHERE last_run_id IS NULL) AS v ON a.article_id = v.article_id
WHERE
    a.article_id IS NULL
    OR v.article_id IS NULL
    OR a.content_sha256 <> v.content_sha256
    OR a.published_on IS DISTINCT FROM v.published_on
