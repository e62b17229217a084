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

-- Of a body of megabytes, no mention is to touch more than a piece.
numbered AS (
    SELECT article_id, body, unnest(range(length(body) // 4096 + 1)) AS piece_no
    FROM articles
),

pieces AS MATERIALIZED (
    SELECT
        article_id,
        piece_no,
        substring(body, piece_no * 4096 + 1, 4096 + (SELECT coalesce(max(end_char - start_char), 0) FROM spans)) AS piece
    FROM numbered
),

placed AS (
    SELECT
        s.*,
        p.piece,
        s.start_char % 4096 AS first_char,
        strlen(p.piece) = length(p.piece) AS is_ascii
    FROM spans AS s
    LEFT JOIN pieces AS p ON s.article_id = p.article_id AND s.start_char // 4096 = p.piece_no
)

SELECT article_id, mention_no, start_char, end_char, surface
FROM placed
WHERE
    piece IS NULL
    -- substring counts characters from the start for each mention; a place in bytes is found at once.
    OR CASE
        WHEN is_ascii THEN encode(piece)[first_char + 1:first_char + end_char - start_char]
        ELSE encode(substring(piece, first_char + 1, end_char - start_char))
    END <> encode(surface)
