-- The chosen contacts, and the orders that reach them: as purchase contact, cultural contact or
-- beneficiary.
chosen_contact AS MATERIALIZED (
    SELECT unnest(%(contact_ids)s::bigint[]) AS id
),
chosen_order AS MATERIALIZED (
    SELECT id FROM sales_order WHERE purchase_contact_id IN (SELECT id FROM chosen_contact)
    UNION
    SELECT id FROM sales_order WHERE cultural_contact_id IN (SELECT id FROM chosen_contact)
    UNION
    SELECT order_id FROM sales_order_line
    WHERE beneficiary_contact_id IN (SELECT id FROM chosen_contact)
),
