-- Lock the orders that reach the contacts: a client that adds a line or confirms an option never
-- touches the contact row, so the contact's lock alone would not hold it back.
SELECT id
FROM sales_order
WHERE id IN (
    SELECT id FROM sales_order WHERE purchase_contact_id = ANY(%(contacts)s)
    UNION
    SELECT id FROM sales_order WHERE cultural_contact_id = ANY(%(contacts)s)
    UNION
    SELECT order_id FROM sales_order_line WHERE beneficiary_contact_id = ANY(%(contacts)s))
ORDER BY id
FOR UPDATE
