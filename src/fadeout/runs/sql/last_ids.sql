-- The last rows there are now.
SELECT (SELECT coalesce(max(id), 0) FROM sales_order),
       (SELECT coalesce(max(id), 0) FROM sales_order_line),
       (SELECT coalesce(max(id), 0) FROM sales_answer),
       (SELECT coalesce(max(id), 0) FROM sales_payment),
       (SELECT coalesce(max(id), 0) FROM sales_account_entry)
