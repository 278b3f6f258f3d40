-- Whether erasure emptied anything that an import could fill again. An anonymous contact is found by
-- its index, and then nothing else is looked at.
SELECT EXISTS (SELECT FROM contacts_contact WHERE anonymised_on IS NOT NULL)
    OR EXISTS (SELECT FROM sales_order WHERE is_emptied)
    OR EXISTS (SELECT FROM sales_order_line WHERE is_emptied)
    OR EXISTS (SELECT FROM sales_answer WHERE is_emptied)
    OR EXISTS (SELECT FROM sales_account_entry WHERE is_emptied)
