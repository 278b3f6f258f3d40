-- Answers that stay empty: emptied on file, or in an order of an erased contact. Answers are the
-- order's: they do not go for the sake of a beneficiary.
UPDATE stage_answers AS e
SET emptied = true
WHERE e.row IN (
    SELECT s.row
    FROM stage_answers AS s
    JOIN stage_orders AS n ON n.order_number = s.order_number
    WHERE n.purchase_contact_erased OR n.cultural_contact_erased
    UNION ALL
    SELECT s.row
    FROM stage_answers AS s
    JOIN erased_order AS o ON o.order_number = s.order_number
    UNION ALL
    SELECT s.row
    FROM stage_answers AS s
    JOIN sales_order AS o ON o.order_number = s.order_number
    JOIN sales_order_line AS l ON l.order_id = o.id AND l.line = s.line
    JOIN sales_answer AS a ON a.order_line_id = l.id AND a.question = s.question
    WHERE a.is_emptied
)
