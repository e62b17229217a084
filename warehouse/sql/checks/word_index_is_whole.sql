-- Every article has its number and is in the word index with as many words as its number says, and nothing else is.
-- scope: whole
WITH indexed AS (
    SELECT article_no, sum(use_count) AS word_count
    FROM search_words
    GROUP BY article_no
)

SELECT a.article_id, n.article_no, n.word_count AS stated_count, i.word_count AS actual_count
FROM article_numbers AS n
FULL JOIN articles AS a ON n.article_id = a.article_id
FULL JOIN indexed AS i ON n.article_no = i.article_no
WHERE a.article_id IS NULL OR n.article_no IS NULL OR n.word_count <> coalesce(i.word_count, 0)
