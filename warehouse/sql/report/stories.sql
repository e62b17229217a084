-- One row per given entity and article of a period that mentions it: the six that mention it most, those first.
SELECT e.entity_id, a.published_on, a.source, a.title, a.url
FROM entity_articles AS e
INNER JOIN articles AS a ON e.article_id = a.article_id
WHERE e.entity_id IN (SELECT unnest($ids)) AND e.published_on BETWEEN $from AND $to AND a.title IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY e.entity_id ORDER BY e.mention_count DESC, a.published_on DESC, a.article_id) <= 6
ORDER BY e.entity_id, e.mention_count DESC, a.published_on DESC, a.article_id
