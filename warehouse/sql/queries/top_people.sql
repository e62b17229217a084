-- Who is written about most?
SELECT
    name,
    article_count AS articles,
    mention_count AS mentions,
    first_seen_on AS first_seen,
    last_seen_on AS last_seen
FROM entities
WHERE entity_type = 'PERSON'
ORDER BY article_count DESC, mention_count DESC, name
LIMIT 10
