-- An entity's counts are those of its mentions.
-- scope: whole
SELECT e.entity_id, e.name, e.mention_count, count(m.article_id) AS actual_mentions
FROM entities AS e
LEFT JOIN mentions AS m ON e.entity_id = m.entity_id
GROUP BY e.entity_id, e.name, e.mention_count, e.article_count
HAVING e.mention_count <> count(m.article_id) OR e.article_count <> count(DISTINCT m.article_id)
