-- Counts and amounts of what stays, up to the last rows there were when the run began: what the box
-- office sells meanwhile does not enter.
SELECT json_build_object(
    'orders', (SELECT count(*) FROM sales_order WHERE id <= %(orders)s),
    'lines', (SELECT count(*) FROM sales_order_line WHERE id <= %(lines)s),
    'prices', (SELECT coalesce(sum(price), 0)::text FROM sales_order_line WHERE id <= %(lines)s),
    'answers', (SELECT count(*) FROM sales_answer WHERE id <= %(answers)s),
    'payments', (SELECT count(*) FROM sales_payment WHERE id <= %(payments)s),
    'paid', (SELECT coalesce(sum(amount), 0)::text FROM sales_payment WHERE id <= %(payments)s),
    'account_entries', (SELECT count(*) FROM sales_account_entry WHERE id <= %(entries)s),
    'booked', (SELECT coalesce(sum(amount), 0)::text FROM sales_account_entry WHERE id <= %(entries)s)
)::text
