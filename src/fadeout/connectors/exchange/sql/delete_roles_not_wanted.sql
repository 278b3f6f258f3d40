-- Take roles that the file does not name any more from its contacts.
WITH gone AS (
    DELETE FROM contacts_role AS r
    USING stage_contacts AS s, numbered_contact AS n
    WHERE n.contact_number = s.contact_number
        AND r.contact_id = n.id
        AND NOT EXISTS (
            SELECT FROM wanted_role AS w WHERE w.contact_id = r.contact_id AND w.role = r.role
        )
    RETURNING r.contact_id
)
INSERT INTO touched_contact (id)
SELECT contact_id FROM gone
