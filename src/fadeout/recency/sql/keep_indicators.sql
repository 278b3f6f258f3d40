-- Keep what was decided of contacts still on file, wherever that is not what is kept.
--
-- What was decided are rows of contact_id, recency_on, activity; parameter since is when whoever decided
-- them began. Whoever began later saw more, and stays; a row from the future is of a clock that was wrong.
INSERT INTO recency_indicator (id, recency_on, activity, decided_at)
SELECT d.contact_id, d.recency_on, d.activity, %(since)s
FROM ({decided}) AS d
JOIN contacts_contact AS c ON c.id = d.contact_id
LEFT JOIN recency_indicator AS i ON i.id = d.contact_id
WHERE i.id IS NULL OR i.recency_on <> d.recency_on OR i.activity <> d.activity
ORDER BY d.contact_id
FOR KEY SHARE OF c
ON CONFLICT (id) DO UPDATE
SET recency_on = excluded.recency_on, activity = excluded.activity, decided_at = excluded.decided_at
WHERE recency_indicator.decided_at <= excluded.decided_at
   OR recency_indicator.decided_at > clock_timestamp()
