-- One row per mention of an entity: its sentence, with the mention between « and », the latest first.
-- example: FROM context('Guterres', max_rows := 5)
CREATE OR REPLACE MACRO context(called, from_on := NULL, to_on := NULL, max_rows := NULL) AS TABLE
SELECT
    m.published_on,
    a.source,
    a.title,
    substring(a.body, s.start_char + 1, m.start_char - s.start_char)
    || '«' || m.surface || '»'
    || substring(a.body, m.end_char + 1, s.end_char - m.end_char) AS sentence,
    m.article_id,
    m.mention_no
FROM (
    -- The rows wanted are found before any text is read.
    SELECT published_on, article_id, mention_no, sentence_no, start_char, end_char, surface
    FROM mentions
    WHERE
        entity_id IN (SELECT entity_id FROM entity_called(called))
        AND is_within(published_on, from_on, to_on)
    ORDER BY published_on DESC NULLS LAST, article_id, mention_no
    LIMIT max_rows
) AS m
INNER JOIN articles AS a ON m.article_id = a.article_id
INNER JOIN sentences AS s ON m.article_id = s.article_id AND m.sentence_no = s.sentence_no
ORDER BY m.published_on DESC NULLS LAST, m.article_id, m.mention_no
