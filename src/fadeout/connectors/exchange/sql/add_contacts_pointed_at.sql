-- Contacts on file that contacts of this import point at.
INSERT INTO numbered_contact (contact_number, id, is_new)
SELECT c.contact_number, c.id, false
FROM contacts_contact AS c
WHERE c.anonymised_on IS NULL
    AND c.contact_number IN (
        SELECT s.structure FROM stage_contacts AS s
        UNION
        SELECT s.created_by FROM stage_contacts AS s
    )
    AND NOT EXISTS (
        SELECT FROM stage_contacts AS s WHERE s.contact_number = c.contact_number
    )
