-- What was counted of one mailing, link by link: people, programs, contacts; also of contacts erased since.
WITH counted AS (
    SELECT link_id, human, automated, contacts FROM links_daily WHERE issued_for = %(issued_for)s
    UNION ALL
    SELECT link_id, human, automated, contacts FROM links_tally WHERE issued_for = %(issued_for)s
)
SELECT link_id, sum(human)::bigint, sum(automated)::bigint, sum(contacts)::bigint
FROM counted
GROUP BY link_id
ORDER BY link_id
