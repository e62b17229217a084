-- Who of several is mentioned more?
-- param: names VARCHAR[] = [most_mentioned('PERSON'), most_mentioned('PERSON', 2), most_mentioned('PERSON', 3)] -- Names, each with its own --names; without them, the three people most written about.
-- param: from DATE = NULL -- First day; without it, from the first article on.
-- param: to DATE = NULL -- Last day; without it, up to the last article.
-- returns: name VARCHAR, meant VARCHAR, type VARCHAR, articles BIGINT, mentions BIGINT, share_of_voice DOUBLE, share_of_articles DOUBLE
-- chart: bars label=name value=share_of_voice
SELECT
    asked AS name,
    name AS meant,
    entity_type AS type,
    article_count AS articles,
    mention_count AS mentions,
    share_of_voice,
    share_of_articles
FROM compare($names, $from, $to)
ORDER BY articles DESC, asked
