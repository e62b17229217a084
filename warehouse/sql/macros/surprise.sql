-- How unlikely chance puts so many hits or more among these trials and not among the others: 3 is once in a thousand times.
-- The logarithm to base 10 of Fisher's exact test (R. A. Fisher, Statistical Methods for Research Workers, 5th edition,
-- 1934): hypergeometric, and so true for small counts too, for which quotients, z scores and likelihood ratios call a
-- single mention a burst. The terms of the tail are summed as a geometric series, which makes the score a lower bound
-- (as Feller, An Introduction to Probability Theory and Its Applications I, VI.3, does for the binomial distribution).
-- example: SELECT surprise(5, 20, 10, 400)
CREATE OR REPLACE MACRO surprise(hits, trials, other_hits, other_trials) AS (
    greatest(
        0,
        (
            log_choose(trials + other_trials, trials)
            - log_choose(hits + other_hits, hits)
            - log_choose(trials + other_trials - hits - other_hits, trials - hits)
            + ln(greatest(1 - other_hits * (trials - hits) / ((hits + 1) * (other_trials - other_hits + 1)), 1e-9))
        ) / ln(10)
    )
)
