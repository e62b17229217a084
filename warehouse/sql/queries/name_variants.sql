-- Under which names is X mentioned?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- returns: name VARCHAR, type VARCHAR, spelling VARCHAR, mentions BIGINT, share_of_mentions DOUBLE
-- chart: bars label=spelling value=mentions
SELECT
    n.name,
    n.entity_type AS type,
    n.spelling,
    n.mention_count AS mentions,
    n.mention_count / sum(n.mention_count) OVER () AS share_of_mentions
FROM entity_names AS n
INNER JOIN entity_called($name) AS x ON n.entity_id = x.entity_id
WHERE n.mention_count > 0
ORDER BY mentions DESC, n.spelling
