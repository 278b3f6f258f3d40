-- What the tokens of contacts are made of.
SELECT id, contact_number, created_at FROM contacts_contact WHERE id = ANY(%(contacts)s) ORDER BY id
