-- Counts one attempt, and tells how many there were; one that is over begins anew.
INSERT INTO contacts_attempt AS a (digest, count, until)
VALUES (%(digest)s, 1, %(until)s)
ON CONFLICT (digest) DO UPDATE SET
    count = CASE WHEN a.until <= %(now)s THEN 1 ELSE a.count + 1 END,
    until = CASE WHEN a.until <= %(now)s THEN excluded.until ELSE a.until END
RETURNING count
