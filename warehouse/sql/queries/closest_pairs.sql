-- Which people are named together most, and how much more often than chance would have it (lift)?
-- param: from DATE = (SELECT max(published_on) FROM articles) - 364 -- First day; without it, a year before the last article.
-- param: to DATE = (SELECT max(published_on) FROM articles) -- Last day; without it, that of the last article.
-- param: min_count INTEGER = 3 -- Fewest articles that mention both.
-- param: limit INTEGER = 10 -- Most rows.
-- returns: name VARCHAR, named_with VARCHAR, articles BIGINT, lift DOUBLE
-- chart: network source=name target=named_with weight=articles
SELECT name, other_name AS named_with, article_count AS articles, lift
FROM network($from, $to, $min_count, of_type := 'PERSON')
ORDER BY articles DESC, lift DESC, name, named_with, entity_id, other_entity_id
LIMIT $limit
