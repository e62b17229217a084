-- The words of a text as the word index has them: runs of letters and digits, folded.
CREATE OR REPLACE MACRO words_of(given_text) AS regexp_extract_all(lower(strip_accents(given_text)), '[\p{L}\p{N}]+')
