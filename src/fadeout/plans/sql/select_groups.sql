-- The groups of a plan: outcome and reasons of rows that name somebody. From each one on to the next, by index.
WITH RECURSIVE groups AS (
    (
        SELECT outcome, coalesce(reasons, '') AS reasons
        FROM plans_plan_row
        WHERE plan_id = %(plan)s AND contact_id IS NOT NULL
        ORDER BY outcome, coalesce(reasons, '')
        LIMIT 1
    )
    UNION ALL
    SELECT following.outcome, following.reasons
    FROM groups CROSS JOIN LATERAL (
        SELECT r.outcome, coalesce(r.reasons, '') AS reasons
        FROM plans_plan_row AS r
        WHERE r.plan_id = %(plan)s AND r.contact_id IS NOT NULL
          AND (r.outcome, coalesce(r.reasons, '')) > (groups.outcome, groups.reasons)
        ORDER BY r.outcome, coalesce(r.reasons, '')
        LIMIT 1
    ) AS following
)
SELECT outcome, reasons FROM groups
