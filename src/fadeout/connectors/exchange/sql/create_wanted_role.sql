-- The roles that the file gives to its contacts.
CREATE TEMPORARY TABLE wanted_role ON COMMIT DROP AS
SELECT DISTINCT n.id AS contact_id, r.role COLLATE "C" AS role
FROM stage_contacts AS s
JOIN numbered_contact AS n ON n.contact_number = s.contact_number
CROSS JOIN LATERAL unnest(string_to_array(s.roles, '|')) AS r (role)
WHERE s.roles IS NOT NULL
