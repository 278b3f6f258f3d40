-- The orders that the contacts in scope bought.
INSERT INTO scope_order (order_id)
SELECT order_id FROM scope_ordering
EXCEPT
SELECT order_id FROM scope_order
