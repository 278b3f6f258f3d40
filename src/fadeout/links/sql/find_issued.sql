-- The links that tokens stand for, with their contacts locked against runs and against other clicks of theirs: one
-- by one by their ids, whatever the database knows of how many there are.
SELECT i.handle, i.contact_id, i.issued_for, i.expires_at, i.revoked_at, i.delivered_at,
       l.id, l.destination, l.retired_at
FROM (
    SELECT * FROM links_issued WHERE handle = ANY(%(handles)s::bigint[]) ORDER BY contact_id
) AS i
CROSS JOIN LATERAL (
    SELECT c.id FROM contacts_contact AS c
    WHERE c.id = i.contact_id AND c.anonymised_on IS NULL
    FOR NO KEY UPDATE {passing_by}
) AS c
JOIN links_tracked_link AS l ON l.id = i.link_id
