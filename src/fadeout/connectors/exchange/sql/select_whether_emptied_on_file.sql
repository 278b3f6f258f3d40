-- Whether erasure emptied anything that an import could fill again.
SELECT EXISTS (SELECT FROM sales_order WHERE is_emptied)
    OR EXISTS (SELECT FROM sales_order_line WHERE is_emptied)
    OR EXISTS (SELECT FROM sales_answer WHERE is_emptied)
    OR EXISTS (SELECT FROM sales_account_entry WHERE is_emptied)
