-- Orders whose remark and IP address stay empty: emptied on file, or of an erased contact.
UPDATE stage_orders AS s
SET emptied = true
WHERE s.purchase_contact_erased
    OR s.cultural_contact_erased
    OR EXISTS (
        SELECT FROM sales_order AS o
        WHERE o.order_number = s.order_number AND o.is_emptied
    )
