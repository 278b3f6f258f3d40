-- Issues a link to contacts on file, once each; whoever is being struck at this moment is waited for.
WITH here AS MATERIALIZED (
    SELECT c.id FROM contacts_contact AS c
    WHERE c.id = ANY(%(contacts)s) AND c.anonymised_on IS NULL
    ORDER BY c.id
    FOR KEY SHARE
)
INSERT INTO links_issued (handle, link_id, contact_id, issued_for, issued_at, expires_at)
SELECT w.handle, %(link)s, w.contact, %(issued_for)s, %(now)s, %(expires_at)s
FROM unnest(%(contacts)s, %(handles)s) AS w (contact, handle)
JOIN here ON here.id = w.contact
ORDER BY w.contact
ON CONFLICT (issued_for, contact_id, link_id) DO NOTHING
