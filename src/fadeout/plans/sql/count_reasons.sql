-- How many contacts of a plan each reason keeps; a contact counts under every reason it has.
SELECT reason, count(*)
FROM plans_plan_row, unnest(string_to_array(reasons, '|')) AS reason
WHERE plan_id = %(plan)s
GROUP BY reason
