-- What lies behind the reasons to keep one contact: balances, holds, roles; the day or amount of each.
--
-- The same rows as the statement that decides. Parameters contact_ids (the one contact) and as_of.
SELECT CASE WHEN b.amount < 0 THEN 'debtor' ELSE 'creditor' END AS reason,
       o.code AS with_whom, b.amount::text || ' ' || b.currency AS detail, NULL::date AS until
FROM (
    SELECT organisation_id, currency, sum(amount) AS amount
    FROM movement
    WHERE contact_id = ANY(%(contact_ids)s)
    GROUP BY organisation_id, currency
    HAVING sum(amount) <> 0
) AS b
JOIN sales_organisation AS o ON o.id = b.organisation_id
UNION ALL
SELECT CASE WHEN reason IN ('restriction', 'request') THEN reason ELSE 'hold' END, NULL, reason, until
FROM hold
WHERE until IS NULL OR until >= %(as_of)s
UNION ALL
SELECT 'role', NULL, role, NULL FROM role
ORDER BY 1, 2, 3
