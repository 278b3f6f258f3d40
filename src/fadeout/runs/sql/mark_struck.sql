-- The rows of contacts that were struck keep outcome and state only; erasure emptied the rest.
UPDATE plans_plan_row SET state = 'struck' WHERE id = ANY(%(rows)s)
