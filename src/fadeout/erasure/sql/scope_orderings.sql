-- Who of the contacts in scope bought which order: as purchase or as cultural contact.
INSERT INTO scope_ordering (contact_id, order_id)
SELECT s.contact_id, o.id FROM sales_order AS o JOIN scope_contact AS s ON s.contact_id = o.purchase_contact_id
UNION
SELECT s.contact_id, o.id FROM sales_order AS o JOIN scope_contact AS s ON s.contact_id = o.cultural_contact_id
