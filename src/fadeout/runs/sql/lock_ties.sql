-- Lock other contacts that point at the contacts, as created by them or as of their structure; tells
-- whose ties somebody else holds.
WITH tied AS MATERIALIZED (
    SELECT id, created_by_id AS contact_id FROM contacts_contact WHERE created_by_id = ANY(%(contacts)s)
    UNION ALL
    SELECT id, structure_id FROM contacts_contact WHERE structure_id = ANY(%(contacts)s)
),
free AS MATERIALIZED (
    SELECT id FROM contacts_contact WHERE id IN (SELECT id FROM tied) ORDER BY id FOR UPDATE SKIP LOCKED
)
SELECT contact_id FROM tied WHERE id NOT IN (SELECT id FROM free)
