-- What a run is at, and that its command lives.
INSERT INTO runs_progress (run_id, stage, done, total, seen_at)
VALUES (%(run)s, %(stage)s, %(done)s, %(total)s, clock_timestamp())
ON CONFLICT (run_id) DO UPDATE
SET stage = excluded.stage, done = excluded.done, total = excluded.total, seen_at = excluded.seen_at
