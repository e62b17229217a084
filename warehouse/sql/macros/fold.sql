-- A text in small letters and without accents, as names are compared.
-- example: SELECT fold('Erdoğan')
CREATE OR REPLACE MACRO fold(given_text) AS lower(strip_accents(given_text))
