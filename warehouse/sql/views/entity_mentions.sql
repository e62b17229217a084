-- One row per mention of an entity, with the entity's name, the article's title and source, and the sentence.
SELECT
    m.article_id,
    m.mention_no,
    m.published_on,
    m.published_month,
    m.entity_id,
    e.entity_type,
    e.name,
    e.country_code,
    m.surface,
    m.score,
    a.source,
    a.path,
    a.title,
    m.sentence_no,
    substring(a.body, s.start_char + 1, s.end_char - s.start_char) AS sentence,
    m.start_char,
    m.end_char
FROM mentions AS m
INNER JOIN entities AS e ON m.entity_id = e.entity_id
INNER JOIN articles AS a ON m.article_id = a.article_id
INNER JOIN sentences AS s ON m.article_id = s.article_id AND m.sentence_no = s.sentence_no
