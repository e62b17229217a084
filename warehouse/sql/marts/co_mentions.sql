-- One row per pair of entities (the smaller id first) and month: in how many articles both are mentioned, and how far that is from chance.
-- Pointwise mutual information: Church and Hanks, Word association norms, Computational Linguistics 16(1), 1990.
WITH entity_months AS (
    SELECT coalesce(strftime(published_on, '%Y-%m'), 'undated') AS published_month, article_no, entity_id
    FROM entity_articles
),

pairs AS (
    SELECT a.published_month, a.entity_id, b.entity_id AS other_entity_id, count(*) AS article_count
    FROM entity_months AS a
    INNER JOIN entity_months AS b
        ON a.published_month = b.published_month AND a.article_no = b.article_no AND a.entity_id < b.entity_id
    GROUP BY a.published_month, a.entity_id, b.entity_id
),

singles AS (
    SELECT published_month, entity_id, count(*) AS article_count
    FROM entity_months
    GROUP BY published_month, entity_id
),

months AS (
    SELECT published_month, count(*) AS article_count
    FROM articles
    GROUP BY published_month
)

SELECT
    p.published_month, -- column: The month as YYYY-MM, or 'undated'.
    p.entity_id, -- column: One entity.
    e.entity_type, -- column: Its type.
    e.name, -- column: Its name.
    p.other_entity_id, -- column: The other entity.
    o.entity_type AS other_entity_type, -- column: The other's type.
    o.name AS other_name, -- column: The other's name.
    p.article_count, -- column: Articles of the month that mention both.
    -- In this order, as the product of two counts may pass the range of integers.
    p.article_count / s.article_count * m.article_count / t.article_count AS lift, -- column: How many times as often as chance would have it; 1: as often.
    log2(p.article_count / s.article_count * m.article_count / t.article_count) AS pmi -- column: Pointwise mutual information in bits: log2(lift).
FROM pairs AS p
INNER JOIN months AS m ON p.published_month = m.published_month
INNER JOIN singles AS s ON p.published_month = s.published_month AND p.entity_id = s.entity_id
INNER JOIN singles AS t ON p.published_month = t.published_month AND p.other_entity_id = t.entity_id
INNER JOIN entities AS e ON p.entity_id = e.entity_id
INNER JOIN entities AS o ON p.other_entity_id = o.entity_id
