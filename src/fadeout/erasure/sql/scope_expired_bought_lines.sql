-- The lines in scope, for the answers that hang on them.
INSERT INTO scope_bought_line (line_id, order_id)
SELECT l.id, l.order_id FROM sales_order_line AS l JOIN scope_line AS s ON s.line_id = l.id
