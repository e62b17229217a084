-- Which people are named together most, and how much more often than chance would have it (lift)?
WITH together AS (
    SELECT entity_id, other_entity_id, sum(article_count) AS articles
    FROM co_mentions
    WHERE entity_type = 'PERSON' AND other_entity_type = 'PERSON'
    GROUP BY entity_id, other_entity_id
    HAVING sum(article_count) >= 3
),

everything AS (
    SELECT count(*) AS articles FROM articles
)

SELECT
    a.name,
    b.name AS named_with,
    t.articles::BIGINT AS articles,
    round(t.articles * e.articles / (a.article_count * b.article_count), 1) AS lift
FROM together AS t
CROSS JOIN everything AS e
INNER JOIN entities AS a ON t.entity_id = a.entity_id
INNER JOIN entities AS b ON t.other_entity_id = b.entity_id
ORDER BY t.articles DESC, lift DESC, a.name, named_with
LIMIT 10
