-- One row: an entity's profile: when it was in the news, its peak day, its top three sources and the five it is named with.
-- example: FROM entity_profile('António Guterres')
CREATE OR REPLACE MACRO entity_profile(called) AS TABLE
SELECT
    e.entity_id,
    e.entity_type,
    e.name,
    e.article_count,
    e.mention_count,
    e.first_seen_on,
    e.last_seen_on,
    (
        SELECT arg_max(d.published_on, (d.article_count, d.published_on))
        FROM (
            SELECT a.published_on, count(*) AS article_count
            FROM entity_articles AS a
            WHERE a.entity_id = e.entity_id
            GROUP BY a.published_on
        ) AS d
    ) AS peak_on,
    (
        SELECT string_agg(t.source || ' (' || t.article_count || ')', ', ' ORDER BY t.article_count DESC, t.source)
        FROM (
            SELECT a.source, count(*) AS article_count
            FROM entity_articles AS a
            WHERE a.entity_id = e.entity_id
            GROUP BY a.source
            ORDER BY count(*) DESC, a.source
            LIMIT 3
        ) AS t
    ) AS top_sources,
    (
        SELECT string_agg(t.name || ' (' || t.article_count || ')', ', ' ORDER BY t.article_count DESC, t.name)
        FROM (
            SELECT o.name, o.entity_id, count(*) AS article_count
            FROM entity_articles AS a
            INNER JOIN entity_articles AS b ON a.article_no = b.article_no AND a.entity_id <> b.entity_id
            INNER JOIN entities AS o ON b.entity_id = o.entity_id
            WHERE a.entity_id = e.entity_id
            GROUP BY o.name, o.entity_id
            ORDER BY count(*) DESC, o.name, o.entity_id
            LIMIT 5
        ) AS t
    ) AS top_co_mentioned
FROM (
    SELECT *
    FROM entities
    WHERE entity_id IN (SELECT entity_id FROM entity_called(called))
) AS e
