-- What does one need to know of X: when in the news, where, with whom?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- returns: name VARCHAR, type VARCHAR, articles BIGINT, mentions BIGINT, first_seen DATE, last_seen DATE, peak_on DATE, top_roles VARCHAR, top_sources VARCHAR, top_co_mentioned VARCHAR
SELECT
    name,
    entity_type AS type,
    article_count AS articles,
    mention_count AS mentions,
    first_seen_on AS first_seen,
    last_seen_on AS last_seen,
    peak_on,
    top_roles,
    top_sources,
    top_co_mentioned
FROM entity_profile($name)
