-- What stands for these contacts' links, of those that still lead somewhere.
SELECT i.contact_id, i.handle
FROM links_issued AS i
JOIN contacts_contact AS c ON c.id = i.contact_id AND c.anonymised_on IS NULL
WHERE i.link_id = %(link)s AND i.issued_for = %(issued_for)s AND i.contact_id = ANY(%(contacts)s)
    AND i.revoked_at IS NULL
