-- Lock the orders that reach the contacts: a client that adds a line or confirms an option never
-- touches the contact row, so the contact's lock alone would not hold it back. What somebody else
-- holds is not waited for.
SELECT id FROM sales_order WHERE id = ANY(%(orders)s) ORDER BY id FOR UPDATE SKIP LOCKED
