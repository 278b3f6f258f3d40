-- Whether contact c has a row in a plan: of these groups, in this state. OFFSET: asked contact by contact.
EXISTS (
    SELECT FROM plans_plan_row AS r
    JOIN unnest(%(group_outcomes)s::text[], %(group_reasons)s::text[]) AS g (outcome, reasons)
        ON r.outcome = g.outcome AND coalesce(r.reasons, '') = g.reasons
    WHERE r.contact_id = c.id AND r.plan_id = %(plan)s
      AND (%(state)s::text IS NULL OR r.state = %(state)s)
    OFFSET 0
)
