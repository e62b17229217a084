-- Which entities are mentioned together: the edges of a network?
-- param: from DATE = (SELECT max(published_on) FROM articles) - 89 -- First day; without it, ninety days before the last article.
-- param: to DATE = (SELECT max(published_on) FROM articles) -- Last day; without it, that of the last article.
-- param: min_count INTEGER = 3 -- Fewest articles that mention both.
-- param: limit INTEGER = 1000 -- Most rows.
-- returns: name VARCHAR, type VARCHAR, named_with VARCHAR, type_of_other VARCHAR, articles BIGINT, lift DOUBLE
-- chart: network source=name target=named_with weight=articles source_type=type target_type=type_of_other
SELECT
    name,
    entity_type AS type,
    other_name AS named_with,
    other_entity_type AS type_of_other,
    article_count AS articles,
    lift
FROM network($from, $to, $min_count)
ORDER BY article_count DESC, lift DESC, name, other_name, entity_id, other_entity_id
LIMIT $limit
