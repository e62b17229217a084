-- How surely two shares differ: the log-likelihood ratio G² of hits among trials, here and elsewhere; 0 if they are equal.
-- Dunning, Accurate Methods for the Statistics of Surprise and Coincidence, Computational Linguistics 19(1), 1993. It
-- holds for small counts too, where z scores and plain quotients call every single mention a burst.
CREATE OR REPLACE MACRO likelihood_ratio(hits, trials, other_hits, other_trials) AS (
    2 * (
        coalesce(hits * ln(nullif(hits, 0) / ((hits + other_hits) * trials / (trials + other_trials))), 0)
        + coalesce(
            other_hits * ln(nullif(other_hits, 0) / ((hits + other_hits) * other_trials / (trials + other_trials))), 0
        )
        + coalesce(
            (trials - hits) * ln(
                nullif(trials - hits, 0)
                / ((trials - hits + other_trials - other_hits) * trials / (trials + other_trials))
            ), 0
        )
        + coalesce(
            (other_trials - other_hits) * ln(
                nullif(other_trials - other_hits, 0)
                / ((trials - hits + other_trials - other_hits) * other_trials / (trials + other_trials))
            ), 0
        )
    )
)
