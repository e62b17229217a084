-- One row per entity with at least so many articles in a period (and a source): their number.
CREATE OR REPLACE MACRO frequent_in(from_on, to_on, min_count, in_source := NULL) AS TABLE
SELECT entity_id, count(*) AS article_count
FROM entity_articles
WHERE is_within(published_on, from_on, to_on) AND (in_source IS NULL OR source = in_source)
GROUP BY entity_id
HAVING count(*) >= min_count
