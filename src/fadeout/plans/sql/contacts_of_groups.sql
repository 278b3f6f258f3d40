-- The contacts of some groups of a plan, in this state; some of them if there are more than that.
SELECT r.contact_id
FROM unnest(%(group_outcomes)s::text[], %(group_reasons)s::text[]) AS g (outcome, reasons)
CROSS JOIN LATERAL (
    SELECT contact_id
    FROM plans_plan_row
    WHERE plan_id = %(plan)s AND contact_id IS NOT NULL AND outcome = g.outcome
      AND coalesce(reasons, '') = g.reasons AND (%(state)s::text IS NULL OR state = %(state)s)
    LIMIT %(limit)s
) AS r
LIMIT %(limit)s
