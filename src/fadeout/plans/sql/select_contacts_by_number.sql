-- The contacts on file that have these numbers; the anonymous have none that anybody knows.
SELECT contact_number, id
FROM contacts_contact
WHERE contact_number = ANY(%(numbers)s) AND anonymised_on IS NULL
