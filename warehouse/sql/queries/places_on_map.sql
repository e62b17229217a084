-- Where are the cities that are written about most?
-- Countries have no coordinates: they are not among them.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 50 -- Most rows.
-- returns: name VARCHAR, country_code VARCHAR, latitude DOUBLE, longitude DOUBLE, articles BIGINT
-- chart: map label=name latitude=latitude longitude=longitude size=articles
WITH counts AS (
    SELECT entity_id, count(*) AS articles
    FROM entity_articles
    WHERE entity_type = 'PLACE' AND is_within(published_on, $from, $to)
    GROUP BY entity_id
)

SELECT e.name, e.country_code, e.latitude, e.longitude, c.articles
FROM counts AS c
INNER JOIN entities AS e ON c.entity_id = e.entity_id
WHERE e.latitude IS NOT NULL AND e.longitude IS NOT NULL
ORDER BY c.articles DESC, e.name, e.entity_id
LIMIT $limit
