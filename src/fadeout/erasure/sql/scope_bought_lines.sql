-- The lines of the orders in scope.
INSERT INTO scope_bought_line (line_id, order_id)
SELECT l.id, l.order_id FROM sales_order_line AS l JOIN scope_order AS s ON s.order_id = l.order_id
EXCEPT
SELECT line_id, order_id FROM scope_bought_line
