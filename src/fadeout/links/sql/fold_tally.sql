-- Adds tallied clicks to the sums of their days and takes them off the tally; tells how many.
WITH taken AS (
    DELETE FROM links_tally
    WHERE id IN (SELECT id FROM links_tally ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING link_id, issued_for, day, human, automated, contacts
),
added AS (
    INSERT INTO links_daily AS d (link_id, issued_for, day, human, automated, contacts)
    SELECT link_id, issued_for, day, sum(human), sum(automated), sum(contacts)
    FROM taken
    GROUP BY link_id, issued_for, day
    ORDER BY link_id, issued_for, day
    ON CONFLICT (link_id, issued_for, day) DO UPDATE SET
        human = d.human + excluded.human,
        automated = d.automated + excluded.automated,
        contacts = d.contacts + excluded.contacts
)
SELECT count(*) FROM taken
