-- What was counted of each link: people, programs, contacts; folded or not yet.
WITH counted AS (
    SELECT link_id, human, automated, contacts FROM links_daily
    UNION ALL
    SELECT link_id, human, automated, contacts FROM links_tally
)
SELECT link_id, sum(human)::bigint, sum(automated)::bigint, sum(contacts)::bigint
FROM counted
GROUP BY link_id
