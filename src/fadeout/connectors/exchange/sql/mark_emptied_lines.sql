-- Lines whose typed data stays empty: emptied on file, of an erased beneficiary, in an order of an
-- erased contact (told by this import, or by an emptied order on file that has lost its contact).
UPDATE stage_order_lines AS s
SET emptied = true
WHERE s.beneficiary_contact_erased
    OR EXISTS (
        SELECT FROM stage_orders AS n
        WHERE n.order_number = s.order_number
            AND (n.purchase_contact_erased OR n.cultural_contact_erased)
    )
    OR EXISTS (
        SELECT FROM sales_order AS o
        LEFT JOIN contacts_contact AS p ON p.id = o.purchase_contact_id
        LEFT JOIN contacts_contact AS c ON c.id = o.cultural_contact_id
        WHERE o.order_number = s.order_number
            AND o.is_emptied
            AND (p.id IS NULL OR p.anonymised_on IS NOT NULL OR c.anonymised_on IS NOT NULL)
    )
    OR EXISTS (
        SELECT FROM sales_order AS o
        JOIN sales_order_line AS l ON l.order_id = o.id
        WHERE o.order_number = s.order_number AND l.line = s.line AND l.is_emptied
    )
