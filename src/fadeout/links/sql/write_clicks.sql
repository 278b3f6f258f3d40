-- Writes clicks of contacts, turns earlier ones that were a program's after all, and tallies these and others.
WITH turned AS (
    UPDATE links_click SET automated = TRUE WHERE id = ANY(%(turned)s::bigint[])
),
clicked AS (
    INSERT INTO links_click
        (click_number, contact_id, link, clicked_at, automated, tracked_link_id, issued_for)
    SELECT 'fadeout-' || gen_random_uuid(), c.contact, l.name, c.at, c.automated, c.link, c.issued_for
    FROM unnest(
        %(contacts)s::bigint[], %(clicked_at)s::timestamptz[], %(automated)s::boolean[],
        %(clicked)s::bigint[], %(mailings)s::uuid[]
    ) AS c (contact, at, automated, link, issued_for)
    JOIN links_tracked_link AS l ON l.id = c.link
)
INSERT INTO links_tally (link_id, issued_for, day, human, automated, contacts)
SELECT t.link, t.issued_for, (t.at AT TIME ZONE h.time_zone)::date,
       sum(t.human), sum(t.automated), sum(t.contacts)
FROM unnest(
    %(link)s::bigint[], %(issued_for)s::uuid[], %(at)s::timestamptz[], %(human)s::bigint[],
    %(program)s::bigint[], %(contact)s::bigint[]
) AS t (link, issued_for, at, human, automated, contacts)
CROSS JOIN institution_institution AS h
GROUP BY 1, 2, 3
