-- The contacts of a plan that wait to be struck.
SELECT contact_id FROM plans_plan_row
WHERE plan_id = %(plan)s AND state = 'pending' AND outcome IN ('delete', 'anonymise')
