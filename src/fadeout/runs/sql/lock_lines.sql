-- Lock the lines of those orders, so that no option is confirmed between decision and stroke; tells
-- the orders of which somebody else holds a line.
WITH free AS MATERIALIZED (
    SELECT id FROM sales_order_line
    WHERE order_id = ANY(%(orders)s)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
SELECT DISTINCT order_id
FROM sales_order_line
WHERE order_id = ANY(%(orders)s) AND id NOT IN (SELECT id FROM free)
