-- On which days did a source have suspiciously few articles?
-- Expected is the source's usual number for that day of the week, from its first article to its last; suspicious is a
-- number that a Poisson variable of that mean is so low by chance in less than one case of max_chance.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- param: max_chance DOUBLE = 0.001 -- Largest probability that so few articles are chance.
-- param: limit INTEGER = 50 -- Most rows.
-- returns: source VARCHAR, day DATE, articles BIGINT, expected DOUBLE, chance DOUBLE
WITH per_day AS (
    SELECT source, published_on, count(*) AS articles
    FROM articles
    WHERE published_on IS NOT NULL
    GROUP BY source, published_on
),

spans AS (
    SELECT source, min(published_on) AS first_on, max(published_on) AS last_on
    FROM per_day
    GROUP BY source
),

days AS (
    SELECT source, unnest(generate_series(first_on, last_on, INTERVAL 1 DAY))::DATE AS day
    FROM spans
),

counted AS (
    SELECT d.source, d.day, coalesce(p.articles, 0) AS articles
    FROM days AS d
    LEFT JOIN per_day AS p ON d.source = p.source AND d.day = p.published_on
),

compared AS (
    -- The median of a quarter before and after: a source that grows or ends is judged by its own time.
    SELECT
        source,
        day,
        articles,
        median(articles) OVER (
            PARTITION BY source, isodow(day) ORDER BY day ROWS BETWEEN 13 PRECEDING AND 13 FOLLOWING
        ) AS expected
    FROM counted
),

judged AS (
    SELECT
        *,
        -- The sum of Poisson probabilities up to the number of articles.
        list_sum(list_transform(
            range(0, articles + 1), lambda n: exp(n * ln(expected) - expected - lgamma(n + 1))
        )) AS chance
    FROM compared
    WHERE expected > 0 AND articles < expected AND is_within(day, $from, $to)
)

SELECT source, day, articles, expected, chance
FROM judged
WHERE chance < $max_chance
ORDER BY chance, day DESC, source
LIMIT $limit
