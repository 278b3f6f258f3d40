-- The rows of a plan by outcome and state.
SELECT outcome, state, count(*)
FROM plans_plan_row
WHERE plan_id = %(plan)s
GROUP BY outcome, state
