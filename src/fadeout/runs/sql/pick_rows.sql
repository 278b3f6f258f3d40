-- The next rows of the plan that wait, in order.
SELECT id
FROM plans_plan_row
WHERE plan_id = %(plan)s AND state = 'pending' AND outcome IN ('delete', 'anonymise') AND id > %(after)s
ORDER BY id
LIMIT %(limit)s
