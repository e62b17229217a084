-- No table has two rows with the same key.
SELECT 'articles' AS table_name, article_id AS key, count(*) AS row_count
FROM articles GROUP BY article_id HAVING count(*) > 1
UNION ALL
SELECT 'sentences', article_id || ' ' || sentence_no, count(*)
FROM sentences GROUP BY article_id, sentence_no HAVING count(*) > 1
UNION ALL
SELECT 'mentions', article_id || ' ' || mention_no, count(*)
FROM mentions GROUP BY article_id, mention_no HAVING count(*) > 1
UNION ALL
SELECT 'mention_values', article_id || ' ' || mention_no, count(*)
FROM mention_values GROUP BY article_id, mention_no HAVING count(*) > 1
UNION ALL
SELECT 'compared_mentions', article_id || ' ' || recogniser || ' ' || start_char, count(*)
FROM compared_mentions GROUP BY article_id, recogniser, start_char HAVING count(*) > 1
UNION ALL
SELECT 'versions', article_id || ' ' || first_run_id, count(*)
FROM versions GROUP BY article_id, first_run_id HAVING count(*) > 1
UNION ALL
SELECT 'current versions', article_id, count(*)
FROM versions WHERE last_run_id IS NULL GROUP BY article_id HAVING count(*) > 1
UNION ALL
SELECT 'entities', entity_id, count(*)
FROM entities GROUP BY entity_id HAVING count(*) > 1
UNION ALL
SELECT 'files', source || ' ' || path, count(*)
FROM files GROUP BY source, path HAVING count(*) > 1
UNION ALL
SELECT 'rejects', source || ' ' || path || ' ' || record_no || ' ' || rule, count(*)
FROM rejects GROUP BY source, path, record_no, rule HAVING count(*) > 1
UNION ALL
SELECT 'runs', run_id, count(*)
FROM runs GROUP BY run_id HAVING count(*) > 1
