-- Contacts of this import that are not on file as the very same contact: same number, same creation.
SELECT s.contact_number, s.created_at, NULL::timestamptz
FROM stage_contacts AS s
WHERE s.contact_number IS NOT NULL
    AND s.created_at IS NOT NULL
    AND NOT EXISTS (
    SELECT FROM contacts_contact AS c
    WHERE c.contact_number = s.contact_number
        AND c.created_at = s.created_at
        AND c.anonymised_on IS NULL
)
