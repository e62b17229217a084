-- Every sentence, mention and value stands in what it belongs to, and every entity id has its entity.
SELECT 'sentence without article' AS problem, s.article_id, s.sentence_no AS row_no
FROM sentences AS s ANTI JOIN articles AS a ON s.article_id = a.article_id
UNION ALL
SELECT 'mention without article', m.article_id, m.mention_no
FROM mentions AS m ANTI JOIN articles AS a ON m.article_id = a.article_id
UNION ALL
SELECT 'mention without sentence', m.article_id, m.mention_no
FROM mentions AS m ANTI JOIN sentences AS s ON m.article_id = s.article_id AND m.sentence_no = s.sentence_no
UNION ALL
SELECT 'value without mention', v.article_id, v.mention_no
FROM mention_values AS v ANTI JOIN mentions AS m ON v.article_id = m.article_id AND v.mention_no = m.mention_no
UNION ALL
SELECT 'compared mention without article', c.article_id, c.start_char
FROM compared_mentions AS c ANTI JOIN articles AS a ON c.article_id = a.article_id
UNION ALL
SELECT 'mention without entity', m.article_id, m.mention_no
FROM mentions AS m ANTI JOIN entities AS e ON m.entity_id = e.entity_id
WHERE m.entity_id IS NOT NULL
