-- Tallies clicks that were a program's after all.
INSERT INTO links_tally (link_id, issued_for, day, human, automated, contacts)
SELECT t.link, %(issued_for)s, (t.at AT TIME ZONE h.time_zone)::date, t.human, t.automated, t.contacts
FROM unnest(
    %(links)s::bigint[], %(instants)s::timestamptz[], %(humans)s::bigint[], %(automats)s::bigint[],
    %(contacts)s::bigint[]
) AS t (link, at, human, automated, contacts)
CROSS JOIN institution_institution AS h
