-- Every loaded file accounts for its articles and mentions, and every article and mention has its loaded file.
WITH mentions_per_article AS (
    SELECT article_id, count(*) AS mention_count
    FROM mentions
    GROUP BY article_id
),

actual AS (
    SELECT a.source, a.path, count(*) AS article_count, coalesce(sum(m.mention_count), 0) AS mention_count
    FROM articles AS a
    LEFT JOIN mentions_per_article AS m ON a.article_id = m.article_id
    GROUP BY a.source, a.path
)

SELECT
    coalesce(f.source, a.source) AS source,
    coalesce(f.path, a.path) AS path,
    f.status,
    f.article_count AS ledger_articles,
    a.article_count AS actual_articles,
    f.mention_count AS ledger_mentions,
    a.mention_count AS actual_mentions
FROM files AS f
FULL JOIN actual AS a ON f.source = a.source AND f.path = a.path
WHERE
    f.source IS NULL
    OR f.article_count <> coalesce(a.article_count, 0)
    OR f.mention_count <> coalesce(a.mention_count, 0)
    OR (f.status = 'loaded') <> (coalesce(a.article_count, 0) > 0)
