-- The last entry about each run that says where it stands.
SELECT DISTINCT ON ((facts->>'run')::bigint) number
FROM ledger_entry
WHERE kind IN ('run_started', 'run_stopped', 'run_ended')
ORDER BY (facts->>'run')::bigint, number DESC
