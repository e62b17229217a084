-- The body's characters from start_char to end_char are the surface of every mention, and likewise its role.
SELECT c.article_id, NULL AS mention_no, c.start_char, c.end_char, c.surface
FROM compared_mentions AS c
INNER JOIN articles AS a ON c.article_id = a.article_id
WHERE substring(a.body, c.start_char + 1, c.end_char - c.start_char) <> c.surface
UNION ALL
SELECT m.article_id, m.mention_no, m.start_char, m.end_char, m.surface
FROM mentions AS m
INNER JOIN articles AS a ON m.article_id = a.article_id
WHERE
    substring(a.body, m.start_char + 1, m.end_char - m.start_char) <> m.surface
    OR substring(a.body, m.role_start_char + 1, m.role_end_char - m.role_start_char) <> m.role
