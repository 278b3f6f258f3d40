-- The orders that the contacts in scope bought: as purchase or as cultural contact.
INSERT INTO scope_order (order_id)
(
    SELECT o.id FROM sales_order AS o JOIN scope_contact AS s ON s.contact_id = o.purchase_contact_id
    UNION
    SELECT o.id FROM sales_order AS o JOIN scope_contact AS s ON s.contact_id = o.cultural_contact_id
)
EXCEPT
SELECT order_id FROM scope_order
