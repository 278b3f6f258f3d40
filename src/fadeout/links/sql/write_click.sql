-- Writes a click of a contact, turns earlier ones that were a program's after all, and tallies both.
WITH turned AS (
    UPDATE links_click SET automated = TRUE WHERE id = ANY(%(turned)s::bigint[])
),
clicked AS (
    INSERT INTO links_click
        (click_number, contact_id, link, clicked_at, automated, tracked_link_id, issued_for)
    VALUES (%(click_number)s, %(contact)s, %(name)s, %(now)s, %(automated)s, %(link)s, %(issued_for)s)
)
INSERT INTO links_tally (link_id, issued_for, day, human, automated, contacts)
SELECT t.link, %(issued_for)s, (t.at AT TIME ZONE h.time_zone)::date, t.human, t.automated, t.contacts
FROM unnest(
    %(links)s::bigint[], %(instants)s::timestamptz[], %(humans)s::bigint[], %(automats)s::bigint[],
    %(contacts)s::bigint[]
) AS t (link, at, human, automated, contacts)
CROSS JOIN institution_institution AS h
