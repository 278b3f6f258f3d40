-- Orders whose remark and IP address stay empty: emptied on file, or of an erased contact
-- (told by this import, or by what is on file).
UPDATE stage_orders AS e
SET emptied = true
WHERE e.row IN (
    SELECT s.row
    FROM stage_orders AS s
    WHERE s.purchase_contact_erased OR s.cultural_contact_erased
    UNION ALL
    SELECT s.row
    FROM stage_orders AS s
    JOIN erased_order AS o ON o.order_number = s.order_number
    UNION ALL
    SELECT s.row
    FROM stage_orders AS s
    JOIN sales_order AS o ON o.order_number = s.order_number
    WHERE o.is_emptied
)
