-- Lock the rows of the plan that still wait, and tell whom they would strike.
SELECT id, contact_id, outcome
FROM plans_plan_row
WHERE id = ANY(%(rows)s) AND state = 'pending'
ORDER BY id
FOR UPDATE SKIP LOCKED
