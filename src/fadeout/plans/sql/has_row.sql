-- Whether contact c has a row in a plan: of these outcomes, with this reason, in this state.
-- OFFSET: asked contact by contact, whatever the planner thinks of how many there are.
EXISTS (
    SELECT FROM plans_plan_row AS r
    WHERE r.contact_id = c.id AND r.plan_id = %(plan)s AND r.outcome = ANY(%(outcomes)s)
      AND (%(reason)s::text IS NULL OR %(reason)s = ANY(string_to_array(r.reasons, '|')))
      AND (%(state)s::text IS NULL OR r.state = %(state)s)
    OFFSET 0
)
