-- Which article was the first ever to mention X?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- returns: name VARCHAR, published_on DATE, source VARCHAR, title VARCHAR, sentence VARCHAR, article_id VARCHAR
WITH first AS (
    SELECT article_id, entity_id
    FROM entity_articles
    WHERE entity_id IN (SELECT entity_id FROM entity_called($name))
    ORDER BY published_on NULLS LAST, article_id
    LIMIT 1
),

mention AS (
    SELECT article_id, sentence_no
    FROM mentions
    WHERE article_id IN (SELECT article_id FROM first) AND entity_id IN (SELECT entity_id FROM first)
    ORDER BY mention_no
    LIMIT 1
)

SELECT
    x.name,
    a.published_on,
    a.source,
    a.title,
    substring(a.body, s.start_char + 1, s.end_char - s.start_char) AS sentence,
    a.article_id
FROM mention AS m
CROSS JOIN entity_called($name) AS x
INNER JOIN articles AS a ON m.article_id = a.article_id
INNER JOIN sentences AS s ON m.article_id = s.article_id AND m.sentence_no = s.sentence_no
