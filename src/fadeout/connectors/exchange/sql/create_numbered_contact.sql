-- The id of every contact of this import: the one on file, or a new one.
CREATE TEMPORARY TABLE numbered_contact ON COMMIT DROP AS
SELECT
    s.contact_number,
    coalesce(
        c.id,
        nextval((SELECT pg_get_serial_sequence('contacts_contact', 'id')::regclass))
    ) AS id,
    c.id IS NULL AS is_new
FROM stage_contacts AS s
LEFT JOIN contacts_contact AS c
    ON c.contact_number = s.contact_number AND c.anonymised_on IS NULL
