-- Locks those of these contacts that are on file, against runs and against clicks of theirs.
SELECT id
FROM contacts_contact
WHERE id = ANY(%(contacts)s) AND anonymised_on IS NULL
ORDER BY id
FOR NO KEY UPDATE
