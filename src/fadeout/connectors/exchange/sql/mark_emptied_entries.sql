-- Account entries whose label stays empty: emptied on file, or of an erased contact.
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
    WHERE f.is_emptied
)
