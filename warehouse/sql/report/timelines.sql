-- One row per given entity and day on which it is mentioned: articles.
SELECT entity_id, published_on AS day, count(*) AS articles
FROM entity_articles
WHERE entity_id IN (SELECT unnest($ids)) AND published_on BETWEEN $from AND $to
GROUP BY entity_id, published_on
ORDER BY entity_id, day
