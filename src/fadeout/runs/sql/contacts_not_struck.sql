-- The contacts that a plan would have struck and that are still there: requalified, or waiting.
SELECT contact_id FROM plans_plan_row
WHERE plan_id = %(plan)s AND state IN ('pending', 'requalified') AND contact_id IS NOT NULL
