-- An article's sentences are as many as it says, in order, apart from each other and within the body.
SELECT s.article_id, count(*) AS actual_count, any_value(a.sentence_count) AS stated_count
FROM (
    SELECT *, lag(end_char, 1, 0) OVER (PARTITION BY article_id ORDER BY sentence_no) AS previous_end
    FROM sentences
) AS s
INNER JOIN articles AS a ON s.article_id = a.article_id
GROUP BY s.article_id
HAVING
    count(*) <> any_value(a.sentence_count)
    OR max(s.end_char) <> any_value(a.char_count)
    OR bool_or(s.start_char < s.previous_end)
