-- The body's characters from start_char to end_char are the surface of every mention, and likewise its role.
WITH spans AS (
    SELECT article_id, NULL AS mention_no, start_char, end_char, surface
    FROM compared_mentions
    UNION ALL
    SELECT article_id, mention_no, start_char, end_char, surface
    FROM mentions
    UNION ALL
    SELECT article_id, mention_no, role_start_char, role_end_char, role
    FROM mentions
    WHERE role IS NOT NULL
),

bodies AS (
    SELECT article_id, body, strlen(body) = length(body) AS is_ascii
    FROM articles
)

SELECT s.article_id, s.mention_no, s.start_char, s.end_char, s.surface
FROM spans AS s
INNER JOIN bodies AS b ON s.article_id = b.article_id
WHERE
    -- substring counts characters from the start of the body for each mention; a place in bytes is found at once.
    CASE
        WHEN b.is_ascii THEN encode(b.body)[s.start_char + 1:s.end_char]
        ELSE encode(substring(b.body, s.start_char + 1, s.end_char - s.start_char))
    END <> encode(s.surface)
