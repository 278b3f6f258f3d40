-- Give contacts the roles that the file names and that they do not have yet.
WITH new AS (
    INSERT INTO contacts_role (contact_id, role)
    SELECT w.contact_id, w.role
    FROM wanted_role AS w
    WHERE NOT EXISTS (
        SELECT FROM contacts_role AS r WHERE r.contact_id = w.contact_id AND r.role = w.role
    )
    RETURNING contact_id
)
INSERT INTO touched_contact (id)
SELECT contact_id FROM new
