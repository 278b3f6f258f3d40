-- Orders of an erased contact, as what is on file tells: linked to an anonymous contact, or emptied and
-- without a purchase contact.
CREATE TEMPORARY VIEW erased_order AS
SELECT o.order_number
FROM sales_order AS o
LEFT JOIN contacts_contact AS p ON p.id = o.purchase_contact_id AND p.anonymised_on IS NOT NULL
LEFT JOIN contacts_contact AS c ON c.id = o.cultural_contact_id AND c.anonymised_on IS NOT NULL
WHERE (o.is_emptied AND o.purchase_contact_id IS NULL)
    OR p.id IS NOT NULL
    OR c.id IS NOT NULL
