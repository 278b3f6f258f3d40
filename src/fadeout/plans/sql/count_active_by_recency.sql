-- Contacts whose only reason is being active, by recency: they fall due one day.
SELECT recency_on, count(*)
FROM plans_plan_row
WHERE plan_id = %(plan)s AND reasons = 'active'
GROUP BY recency_on
