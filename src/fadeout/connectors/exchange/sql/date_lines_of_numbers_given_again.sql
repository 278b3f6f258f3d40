-- When the order was made of lines for a beneficiary whose number was given again.
UPDATE stage_order_lines AS e
SET ordered_at = d.ordered_at
FROM (
    SELECT s.row, coalesce(n.ordered_at, o.ordered_at) AS ordered_at
    FROM stage_order_lines AS s
    JOIN erased_number AS g ON g.contact_number = s.beneficiary_contact
    LEFT JOIN stage_orders AS n ON n.order_number = s.order_number
    LEFT JOIN sales_order AS o ON o.order_number = s.order_number
    WHERE g.given_again_at IS NOT NULL
) AS d
WHERE e.row = d.row
