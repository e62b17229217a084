-- One row per entity that is in the news more than usual, the surest first: at least two articles, so that there is a story.
SELECT entity_id, name, entity_type, article_count, share_of_articles, usual_share, score
FROM trending($to, ($to::DATE - $from::DATE + 1)::INTEGER)
WHERE article_count >= 2
ORDER BY score DESC, article_count DESC, name, entity_id
LIMIT 10
