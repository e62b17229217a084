-- In which sentences is X mentioned?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 20 -- Most rows.
-- returns: published_on DATE, source VARCHAR, title VARCHAR, sentence VARCHAR, article_id VARCHAR
SELECT published_on, source, title, sentence, article_id
FROM context($name, $from, $to, max_rows := $limit)
ORDER BY published_on DESC NULLS LAST, article_id, mention_no
