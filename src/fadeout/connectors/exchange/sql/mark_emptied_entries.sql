-- Account entries whose label stays empty: emptied on file, or of an erased contact (told by this
-- import, or anonymous on file).
UPDATE stage_account_entries AS e
SET emptied = true
WHERE e.row IN (
    SELECT s.row
    FROM stage_account_entries AS s
    WHERE s.contact_number_erased
    UNION ALL
    SELECT s.row
    FROM stage_account_entries AS s
    JOIN sales_account_entry AS f ON f.entry_number = s.entry_number
    LEFT JOIN contacts_contact AS c ON c.id = f.contact_id AND c.anonymised_on IS NOT NULL
    WHERE f.is_emptied OR c.id IS NOT NULL
)
