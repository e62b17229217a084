-- One row per entity that is in the news more than usual, the surest first: of two articles at least, or there is no story.
SELECT
    entity_id,
    name,
    entity_type,
    article_count AS articles,
    usual_share * (SELECT count(*) FROM articles WHERE published_on BETWEEN $from AND $to) AS usual_articles,
    score
FROM trending($to, ($to::DATE - $from::DATE + 1)::INTEGER)
WHERE article_count >= 2
ORDER BY score DESC, article_count DESC, name, entity_id
LIMIT 12
