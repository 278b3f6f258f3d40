-- Contacts on file with this e-mail address, whatever its case; the index of the search leads there.
SELECT id, public_id
FROM contacts_contact
WHERE anonymised_on IS NULL
  AND contacts_fold(email) COLLATE "C" = contacts_fold(%(email)s) COLLATE "C"
  AND lower(btrim(email)) = lower(%(email)s)
ORDER BY created_at, id
