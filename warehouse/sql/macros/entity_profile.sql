-- One row: an entity's profile: when it was in the news, its peak day, top roles, top sources and whom it is named with.
-- A macro and not a view: a filter on a view would not reach into these aggregates, and all entities' take minutes.
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
            SELECT published_on, count(*) AS article_count
            FROM entity_articles
            WHERE entity_id IN (SELECT entity_id FROM entity_called(called))
            GROUP BY published_on
        ) AS d
    ) AS peak_on,
    (
        SELECT string_agg(t.role || ' (' || t.mention_count || ')', ', ' ORDER BY t.mention_count DESC, t.role)
        FROM (
            SELECT role, count(*) AS mention_count
            FROM mentions
            WHERE role IS NOT NULL AND entity_id IN (SELECT entity_id FROM entity_called(called))
            GROUP BY role
            ORDER BY mention_count DESC, role
            LIMIT 3
        ) AS t
    ) AS top_roles,
    (
        SELECT string_agg(t.source || ' (' || t.article_count || ')', ', ' ORDER BY t.article_count DESC, t.source)
        FROM (
            SELECT source, count(*) AS article_count
            FROM entity_articles
            WHERE entity_id IN (SELECT entity_id FROM entity_called(called))
            GROUP BY source
            ORDER BY article_count DESC, source
            LIMIT 3
        ) AS t
    ) AS top_sources,
    (
        SELECT string_agg(o.name || ' (' || t.article_count || ')', ', ' ORDER BY t.article_count DESC, t.entity_id)
        FROM (
            SELECT entity_id, count(*) AS article_count
            FROM entity_articles
            WHERE
                article_no IN (
                    SELECT a.article_no
                    FROM entity_articles AS a
                    WHERE a.entity_id IN (SELECT entity_id FROM entity_called(called))
                )
                AND entity_id NOT IN (SELECT entity_id FROM entity_called(called))
            GROUP BY entity_id
            ORDER BY article_count DESC, entity_id
            LIMIT 5
        ) AS t
        INNER JOIN entities AS o ON t.entity_id = o.entity_id
    ) AS top_co_mentioned
FROM entities AS e
WHERE e.entity_id IN (SELECT entity_id FROM entity_called(called))
