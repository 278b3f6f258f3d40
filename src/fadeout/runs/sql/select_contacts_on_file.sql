-- What the tokens of all contacts on file are made of; the anonymous have none.
SELECT id, contact_number, created_at FROM contacts_contact WHERE anonymised_on IS NULL ORDER BY id
