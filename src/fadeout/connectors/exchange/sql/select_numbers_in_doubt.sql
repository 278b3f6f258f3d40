-- Numbers that rows point at, but nobody has, or somebody who was created after such a row; and when
-- that was.
SELECT p.contact_number, NULL::timestamptz, coalesce(n.created_at, c.created_at)
FROM pointed_at AS p
LEFT JOIN stage_contacts AS n ON n.contact_number = p.contact_number
LEFT JOIN contacts_contact AS c
    ON c.contact_number = p.contact_number AND c.anonymised_on IS NULL
WHERE (n.contact_number IS NULL AND c.contact_number IS NULL)
    OR p.first_at < coalesce(n.created_at, c.created_at)
