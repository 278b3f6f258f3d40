-- What a plan says of these contacts.
SELECT contact_id, id, outcome, recency_on, activity, reasons, state, kept_because
FROM plans_plan_row
WHERE contact_id = ANY(%(contacts)s) AND plan_id = %(plan)s
