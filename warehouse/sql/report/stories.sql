-- One row per article on one of the given entities, the two latest of each.
SELECT e.entity_id, a.published_on, a.source, a.title
FROM entity_articles AS e
INNER JOIN articles AS a ON e.article_id = a.article_id
WHERE e.entity_id IN (SELECT unnest($ids)) AND e.published_on BETWEEN $from AND $to AND a.title IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY e.entity_id ORDER BY a.published_on DESC, e.mention_count DESC, a.article_id) <= 2
ORDER BY e.entity_id, a.published_on DESC, e.mention_count DESC, a.article_id
