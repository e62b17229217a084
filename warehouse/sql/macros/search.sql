-- One row per article that has all words of a text in its title or body, the best first, with the sentence that has most of them.
-- Ranked by BM25 with its usual constants k1 = 1.2 and b = 0.75: Robertson and Zaragoza, The Probabilistic Relevance
-- Framework: BM25 and Beyond, 2009; the 1 within the logarithm keeps words of most articles from counting against them.
-- example: FROM search('climate summit')
CREATE OR REPLACE MACRO search(wanted_text, max_rows := 20) AS TABLE
SELECT
    best.score,
    a.published_on,
    a.source,
    a.title,
    (
        SELECT
            arg_max(
                substring(a.body, s.start_char + 1, s.end_char - s.start_char),
                (
                    len(list_intersect(
                        words_of(substring(a.body, s.start_char + 1, s.end_char - s.start_char)), words_of(wanted_text)
                    )),
                    -s.sentence_no
                )
            )
        FROM sentences AS s
        WHERE s.article_id = a.article_id
    ) AS sentence,
    a.article_id
FROM (
    SELECT article_id, score
    FROM (
        SELECT
            d.article_id,
            count(*) AS word_count,
            sum(
                ln(1 + (totals.article_count - hits.articles_with + 0.5) / (hits.articles_with + 0.5))
                * hits.use_count * 2.2
                / (hits.use_count + 1.2 * (0.25 + 0.75 * d.word_count / totals.mean_words))
            ) AS score
        FROM (
            SELECT article_no, use_count, count(*) OVER (PARTITION BY word) AS articles_with
            FROM search_words
            WHERE word IN (SELECT unnest(words_of(wanted_text)))
        ) AS hits
        INNER JOIN article_numbers AS d ON hits.article_no = d.article_no
        CROSS JOIN (SELECT count(*) AS article_count, avg(word_count) AS mean_words FROM article_numbers) AS totals
        GROUP BY d.article_id
    ) AS scored
    WHERE word_count = len(list_distinct(words_of(wanted_text)))
    ORDER BY score DESC, article_id
    LIMIT max_rows
) AS best
INNER JOIN articles AS a ON best.article_id = a.article_id
ORDER BY best.score DESC, a.article_id
