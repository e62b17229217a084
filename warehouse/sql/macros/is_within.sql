-- Whether a day is in a period; a missing end leaves it open, and without both ends articles without a date count too.
CREATE OR REPLACE MACRO is_within(given_day, from_on, to_on) AS (
    (from_on IS NULL AND to_on IS NULL)
    OR given_day BETWEEN coalesce(from_on::DATE, DATE '0001-01-01') AND coalesce(to_on::DATE, DATE '9999-12-31')
)
