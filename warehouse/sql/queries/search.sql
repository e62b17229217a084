-- Which articles have these words?
-- param: text VARCHAR = most_mentioned('PLACE') -- Words that the article must have, all of them.
-- param: limit INTEGER = 20 -- Most rows.
-- returns: score DOUBLE, published_on DATE, source VARCHAR, title VARCHAR, sentence VARCHAR, article_id VARCHAR
SELECT score, published_on, source, title, sentence, article_id
FROM search($text, max_rows := $limit)
ORDER BY score DESC, article_id
