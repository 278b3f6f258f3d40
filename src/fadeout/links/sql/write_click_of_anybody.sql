-- Tallies a click on the address that everybody has, and tells where it leads; nothing of a link that is not, or
-- not any more.
WITH found AS (
    SELECT l.id, l.destination, (%(now)s::timestamptz AT TIME ZONE h.time_zone)::date AS day
    FROM links_tracked_link AS l
    CROSS JOIN institution_institution AS h
    WHERE l.code = %(code)s AND l.retired_at IS NULL
),
tallied AS (
    INSERT INTO links_tally (link_id, day, human, automated, contacts)
    SELECT id, day, %(human)s, %(automated)s, 0 FROM found
)
SELECT destination FROM found
