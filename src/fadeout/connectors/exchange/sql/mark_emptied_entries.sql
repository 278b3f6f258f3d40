-- Account entries whose label stays empty: emptied on file, or of an erased contact.
UPDATE stage_account_entries AS s
SET emptied = true
WHERE s.contact_number_erased
    OR EXISTS (
        SELECT FROM sales_account_entry AS e
        WHERE e.entry_number = s.entry_number AND e.is_emptied
    )
