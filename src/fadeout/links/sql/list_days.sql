-- What was counted of one link day by day, from a day on: people, programs.
WITH counted AS (
    SELECT day, human, automated FROM links_daily WHERE link_id = %(link)s AND day >= %(since)s
    UNION ALL
    SELECT day, human, automated FROM links_tally WHERE link_id = %(link)s AND day >= %(since)s
)
SELECT day, sum(human)::bigint, sum(automated)::bigint FROM counted GROUP BY day ORDER BY day
