-- An article's sentences are as many as it says, in order, apart from each other and up to the end of the body.
WITH spans AS (
    SELECT
        article_id,
        end_char,
        start_char < lag(end_char, 1, 0) OVER (PARTITION BY article_id ORDER BY sentence_no) AS is_overlapping
    FROM sentences
),

per_article AS (
    SELECT article_id, count(*) AS sentence_count, max(end_char) AS last_char, bool_or(is_overlapping) AS is_overlapping
    FROM spans
    GROUP BY article_id
)

SELECT a.article_id, a.sentence_count AS stated_count, s.sentence_count AS actual_count
FROM articles AS a
LEFT JOIN per_article AS s ON a.article_id = s.article_id
WHERE
    s.article_id IS NULL
    OR s.sentence_count <> a.sentence_count
    OR s.last_char <> a.char_count
    OR s.is_overlapping
