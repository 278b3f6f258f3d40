-- Tallies clicks that were a program's after all.
INSERT INTO links_tally (link_id, issued_for, day, human, automated, contacts)
SELECT t.link, t.issued_for, (t.at AT TIME ZONE h.time_zone)::date,
       sum(t.human), sum(t.automated), sum(t.contacts)
FROM unnest(
    %(link)s::bigint[], %(issued_for)s::uuid[], %(at)s::timestamptz[], %(human)s::bigint[],
    %(program)s::bigint[], %(contact)s::bigint[]
) AS t (link, issued_for, at, human, automated, contacts)
CROSS JOIN institution_institution AS h
GROUP BY 1, 2, 3
