-- Lock the lines of those orders, so that no option is confirmed between decision and stroke.
SELECT count(*) FROM (
    SELECT id FROM sales_order_line WHERE order_id = ANY(%(orders)s) ORDER BY id FOR UPDATE
) AS locked
