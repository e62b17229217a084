-- One row per place with coordinates and day on which it is mentioned: what a map of a day needs.
SELECT
    d.published_on, -- column: The day.
    d.entity_id, -- column: The place.
    d.name, -- column: Its name.
    e.country_code, -- column: ISO 3166-1 alpha-2 code of its country.
    e.latitude, -- column: Degrees north.
    e.longitude, -- column: Degrees east.
    d.mention_count, -- column: Mentions of it on that day.
    d.article_count, -- column: Articles of that day that mention it.
    d.share_of_articles -- column: Their share of all articles of that day, 0 to 1.
FROM entities_per_day AS d
INNER JOIN entities AS e ON d.entity_id = e.entity_id
WHERE e.latitude IS NOT NULL AND e.longitude IS NOT NULL
