-- Which sentences mention X and Y both?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: other VARCHAR = most_mentioned('PERSON', 2) -- The other's; without it, the second most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: limit INTEGER = 20 -- Most rows.
-- returns: published_on DATE, source VARCHAR, title VARCHAR, sentence VARCHAR, article_id VARCHAR
WITH shared AS (
    SELECT x.article_id
    FROM entity_articles AS x
    INNER JOIN entity_articles AS y ON x.article_no = y.article_no
    WHERE
        x.entity_id IN (SELECT entity_id FROM entity_called($name))
        AND y.entity_id IN (SELECT entity_id FROM entity_called($other))
        AND is_within(x.published_on, $from, $to)
),

both_mentioned AS (
    SELECT article_id, sentence_no, any_value(published_on) AS published_on
    FROM mentions
    WHERE
        article_id IN (SELECT article_id FROM shared)
        AND (
            entity_id IN (SELECT entity_id FROM entity_called($name))
            OR entity_id IN (SELECT entity_id FROM entity_called($other))
        )
    GROUP BY article_id, sentence_no
    HAVING count(DISTINCT entity_id) = 2
),

found AS (
    SELECT article_id, sentence_no, published_on
    FROM both_mentioned
    ORDER BY published_on DESC NULLS LAST, article_id, sentence_no
    LIMIT $limit
)

SELECT
    f.published_on,
    a.source,
    a.title,
    substring(a.body, s.start_char + 1, s.end_char - s.start_char) AS sentence,
    f.article_id
FROM found AS f
INNER JOIN articles AS a ON f.article_id = a.article_id
INNER JOIN sentences AS s ON f.article_id = s.article_id AND f.sentence_no = s.sentence_no
ORDER BY f.published_on DESC NULLS LAST, f.article_id, f.sentence_no
