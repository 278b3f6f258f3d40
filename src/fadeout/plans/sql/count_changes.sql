-- How many contacts came in since the plan before, went out, changed their outcome, stayed the same.
SELECT count(*) FILTER (WHERE before.outcome IS NULL),
       count(*) FILTER (WHERE now.outcome IS NULL),
       count(*) FILTER (WHERE now.outcome <> before.outcome),
       count(*) FILTER (WHERE now.outcome = before.outcome)
FROM (
    SELECT contact_id, outcome FROM plans_plan_row
    WHERE plan_id = %(now)s AND contact_id IS NOT NULL AND outcome IN ('delete', 'anonymise')
) AS now
FULL JOIN (
    SELECT contact_id, outcome FROM plans_plan_row
    WHERE plan_id = %(before)s AND contact_id IS NOT NULL AND outcome IN ('delete', 'anonymise')
) AS before ON before.contact_id = now.contact_id
