-- Lines whose typed data stays empty: emptied on file, of an erased beneficiary, in an order of an
-- erased contact (told by this import, or by an emptied order on file that has lost its contact).
UPDATE stage_order_lines AS e
SET emptied = true
WHERE e.row IN (
    SELECT s.row
    FROM stage_order_lines AS s
    WHERE s.beneficiary_contact_erased
    UNION ALL
    SELECT s.row
    FROM stage_order_lines AS s
    JOIN stage_orders AS n ON n.order_number = s.order_number
    WHERE n.purchase_contact_erased OR n.cultural_contact_erased
    UNION ALL
    SELECT s.row
    FROM stage_order_lines AS s
    JOIN sales_order AS o ON o.order_number = s.order_number
    LEFT JOIN contacts_contact AS p ON p.id = o.purchase_contact_id
    LEFT JOIN contacts_contact AS c ON c.id = o.cultural_contact_id
    WHERE o.is_emptied
        AND (p.id IS NULL OR p.anonymised_on IS NOT NULL OR c.anonymised_on IS NOT NULL)
    UNION ALL
    SELECT s.row
    FROM stage_order_lines AS s
    JOIN sales_order AS o ON o.order_number = s.order_number
    JOIN sales_order_line AS l ON l.order_id = o.id AND l.line = s.line
    WHERE l.is_emptied
)
