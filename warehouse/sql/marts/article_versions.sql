-- One row per version of an article ever seen, with its text and the first and last run in which it was current.
SELECT
    v.article_id, -- column: The article.
    row_number() OVER (PARTITION BY v.article_id ORDER BY v.first_run_id) AS version_no, -- column: Position of the version among the article's, from 1.
    v.last_run_id IS NULL AS is_current, -- column: Whether it is the text that articles has.
    v.source, -- column: Name of the source that the file belongs to.
    v.path, -- column: Path of the file, relative to its source's folder.
    v.record_no, -- column: Position of the article in its file, from 0.
    v.published_on, -- column: Calendar date of publication, as this version had it.
    v.title, -- column: Headline, as this version had it.
    coalesce(v.former_body, a.body) AS body, -- column: Text, as this version had it.
    v.content_sha256, -- column: SHA-256 of title, a newline and body.
    v.first_run_id, -- column: The run that first published this version.
    v.last_run_id, -- column: The last run that published a release with it; null while it is current.
    f.started_at AS first_run_at, -- column: When that first run began.
    l.started_at AS last_run_at -- column: When that last run began; null while the version is current.
FROM versions AS v
LEFT JOIN articles AS a ON v.article_id = a.article_id AND v.last_run_id IS NULL
LEFT JOIN runs AS f ON v.first_run_id = f.run_id
LEFT JOIN runs AS l ON v.last_run_id = l.run_id
