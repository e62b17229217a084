-- One row per recogniser beside the default one and type of its mentions: how many the default one has as well.
SELECT
    c.recogniser, -- column: The recogniser whose names stand in compared_mentions.
    c.mention_type, -- column: The type that it gives them.
    count(*) AS mention_count, -- column: Its mentions of this type.
    count(m.article_id) AS same_span_count, -- column: Of these, in mentions with the same span.
    count(*) FILTER (
        WHERE m.mention_type = c.mention_type
    ) AS same_span_and_type_count -- column: Of these, in mentions with the same span and type.
FROM compared_mentions AS c
LEFT JOIN mentions AS m ON c.article_id = m.article_id AND c.start_char = m.start_char AND c.end_char = m.end_char
GROUP BY c.recogniser, c.mention_type
