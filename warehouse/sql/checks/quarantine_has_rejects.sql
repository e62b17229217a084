-- Every quarantined file has at least one reject that says why.
SELECT f.source, f.path, f.reason
FROM files AS f
ANTI JOIN rejects AS r ON f.source = r.source AND f.path = r.path
WHERE f.status = 'quarantined'
