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

numbered AS (
    SELECT article_id, body, unnest(range(length(body) // 4096 + 1)) AS piece_no
    FROM articles
),

-- What a span is cut from is copied for each span: of a body of megabytes, that must be no more than a piece.
cut AS (
    SELECT
        article_id,
        piece_no,
        substring(body, piece_no * 4096 + 1, 4096 + (SELECT coalesce(max(end_char - start_char), 0) FROM spans)) AS piece
    FROM numbered
),

pieces AS MATERIALIZED (
    SELECT article_id, piece_no, piece, strlen(piece) = length(piece) AS is_ascii
    FROM cut
)

SELECT s.article_id, s.mention_no, s.start_char, s.end_char, s.surface
FROM spans AS s
LEFT JOIN pieces AS p ON s.article_id = p.article_id AND s.start_char // 4096 = p.piece_no
WHERE
    p.piece IS NULL
    -- substring counts characters from the start for each mention; a place in bytes is found at once.
    OR CASE
        WHEN p.is_ascii THEN encode(p.piece)[s.start_char % 4096 + 1:s.start_char % 4096 + s.end_char - s.start_char]
        ELSE encode(substring(p.piece, s.start_char % 4096 + 1, s.end_char - s.start_char))
    END <> encode(s.surface)
