-- One row per mention of an entity, with the entity's name, the article's title and source, and the sentence.
SELECT
    m.article_id, -- column: The article that the mention stands in.
    m.mention_no, -- column: Position of the mention in the body, from 0.
    m.published_on, -- column: The article's date of publication.
    m.published_month, -- column: Its month as YYYY-MM, or 'undated'.
    m.entity_id, -- column: The entity that is mentioned.
    e.entity_type, -- column: Its type: PERSON, ORGANISATION, PLACE, …
    e.name, -- column: Its name.
    e.country_code, -- column: ISO 3166-1 alpha-2 code of a place.
    m.surface, -- column: The mention as printed.
    m.score, -- column: The recogniser's confidence, 0 to 1.
    a.source, -- column: The article's source.
    a.path, -- column: Path of its file, relative to its source's folder.
    a.title, -- column: The article's headline.
    m.sentence_no, -- column: The sentence that the mention starts in.
    substring(a.body, s.start_char + 1, s.end_char - s.start_char) AS sentence, -- column: That sentence.
    m.start_char, -- column: Offset of the mention's first character in body.
    m.end_char -- column: Offset just behind its last character in body.
FROM mentions AS m
INNER JOIN entities AS e ON m.entity_id = e.entity_id
INNER JOIN articles AS a ON m.article_id = a.article_id
INNER JOIN sentences AS s ON m.article_id = s.article_id AND m.sentence_no = s.sentence_no
