-- Lines whose typed data stays empty: emptied on file, of an erased beneficiary (told by this import, or
-- anonymous on file), in an order of an erased contact.
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
    JOIN erased_order AS o ON o.order_number = s.order_number
    UNION ALL
    SELECT s.row
    FROM stage_order_lines AS s
    JOIN sales_order AS o ON o.order_number = s.order_number
    JOIN sales_order_line AS l ON l.order_id = o.id AND l.line = s.line
    LEFT JOIN contacts_contact AS b
        ON b.id = l.beneficiary_contact_id AND b.anonymised_on IS NOT NULL
    WHERE l.is_emptied OR b.id IS NOT NULL
)
