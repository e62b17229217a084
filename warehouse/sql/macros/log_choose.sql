-- The natural logarithm of the number of ways to choose some of a number of things.
CREATE OR REPLACE MACRO log_choose(things, chosen) AS (
    lgamma(things + 1.0) - lgamma(chosen + 1.0) - lgamma(things - chosen + 1.0)
)
