-- The words of a text as the word index has them: runs of letters and digits, folded.
-- example: SELECT words_of('The EU''s 27 members')
CREATE OR REPLACE MACRO words_of(given_text) AS regexp_extract_all(lower(strip_accents(given_text)), '[\p{L}\p{N}]+')
