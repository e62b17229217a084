-- How many articles of each day mention X, days without any included?
-- param: name VARCHAR = most_mentioned('PERSON') -- Name, spelling or entity_id; without it, the person most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- returns: day DATE, articles BIGINT, mentions BIGINT, share_of_articles DOUBLE
-- chart: line x=day y=articles
SELECT day, article_count AS articles, mention_count AS mentions, share_of_articles
FROM entity_timeline($name, $from, $to)
ORDER BY day
