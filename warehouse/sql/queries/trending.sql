-- What is in the news more than usual?
-- param: on DATE = (SELECT max(published_on) FROM articles) -- Last day of the window; without it, that of the last article.
-- param: window INTEGER = 7 -- Days in the window.
-- param: baseline INTEGER = 365 -- Days before the window that tell what is usual.
-- param: limit INTEGER = 20 -- Most rows.
-- returns: name VARCHAR, type VARCHAR, articles BIGINT, share_of_articles DOUBLE, usual_share DOUBLE, score DOUBLE
-- chart: bars label=name value=score
SELECT name, entity_type AS type, article_count AS articles, share_of_articles, usual_share, score
FROM trending($on, $window, $baseline)
ORDER BY score DESC, name, entity_id
LIMIT $limit
