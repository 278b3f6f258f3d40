-- Contacts of this import whose number belongs to a row that nobody may find any more.
SELECT s.row, s.contact_number AS value
FROM stage_contacts AS s
JOIN contacts_contact AS c ON c.contact_number = s.contact_number
WHERE c.anonymised_on IS NOT NULL
