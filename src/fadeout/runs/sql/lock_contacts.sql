-- Lock the contacts that nobody else works on; those that somebody has are tried again later.
SELECT id
FROM contacts_contact
WHERE id = ANY(%(contacts)s)
ORDER BY id
FOR UPDATE SKIP LOCKED
