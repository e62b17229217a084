-- Who and what is mentioned in the same articles as X?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 10 -- Most rows.
-- returns: name VARCHAR, type VARCHAR, articles BIGINT, share_of_articles DOUBLE, lift DOUBLE
-- chart: bars label=name value=articles
SELECT name, entity_type AS type, article_count AS articles, share_of_articles, lift
FROM co_mentioned($name, $from, $to, max_rows := $limit)
ORDER BY article_count DESC, lift DESC, name, entity_id
LIMIT $limit
