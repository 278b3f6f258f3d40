-- The orders that reach the contacts, contact by contact.
SELECT purchase_contact_id AS contact_id, id AS order_id FROM sales_order
WHERE purchase_contact_id = ANY(%(contacts)s)
UNION
SELECT cultural_contact_id, id FROM sales_order WHERE cultural_contact_id = ANY(%(contacts)s)
UNION
SELECT beneficiary_contact_id, order_id FROM sales_order_line
WHERE beneficiary_contact_id = ANY(%(contacts)s)
