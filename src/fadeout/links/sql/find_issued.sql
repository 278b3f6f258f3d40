-- The link that a token stands for, with its contact locked against runs and against its own other clicks.
SELECT i.contact_id, i.issued_for, i.expires_at, i.revoked_at, i.delivered_at,
       l.id, l.name, l.destination, l.retired_at
FROM links_issued AS i
JOIN links_tracked_link AS l ON l.id = i.link_id
JOIN contacts_contact AS c ON c.id = i.contact_id
WHERE i.handle = %(handle)s AND c.anonymised_on IS NULL
FOR NO KEY UPDATE OF c
