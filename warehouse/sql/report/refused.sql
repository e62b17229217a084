-- One row per rule that refused something: how many files and records now stand in quarantine or beside it for it.
SELECT
    r.rule,
    count(DISTINCT (r.source, r.path)) AS files,
    count(*) AS refusals,
    arg_min(r.reason, (r.source, r.path, r.record_no)) AS example
FROM rejects AS r
ANTI JOIN articles AS a ON r.source = a.source AND r.path = a.path AND r.record_no = a.record_no
GROUP BY r.rule
ORDER BY refusals DESC, r.rule
