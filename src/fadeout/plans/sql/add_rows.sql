-- More rows of a plan, from lists of equal length; whoever fell silent at the same time side by side.
INSERT INTO plans_plan_row (plan_id, contact_id, outcome, recency_on, activity, reasons, state)
SELECT %(plan)s, contact_id, outcome, recency_on, activity, reasons,
       CASE outcome WHEN 'keep' THEN 'kept' ELSE 'pending' END
FROM unnest(%(contacts)s::bigint[], %(outcomes)s::text[], %(recencies)s::date[],
            %(activities)s::text[], %(reasons)s::text[])
    AS r (contact_id, outcome, recency_on, activity, reasons)
ORDER BY outcome, recency_on, contact_id
