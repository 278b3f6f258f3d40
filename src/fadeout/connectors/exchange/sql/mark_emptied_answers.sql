-- Answers that stay empty: emptied on file, or asked with a line whose typed data stays empty.
UPDATE stage_answers AS e
SET emptied = true
WHERE e.row IN (
    SELECT s.row
    FROM stage_answers AS s
    JOIN stage_order_lines AS n ON n.order_number = s.order_number AND n.line = s.line
    WHERE n.emptied
    UNION ALL
    SELECT s.row
    FROM stage_answers AS s
    JOIN stage_orders AS n ON n.order_number = s.order_number
    WHERE n.purchase_contact_erased OR n.cultural_contact_erased
    UNION ALL
    SELECT s.row
    FROM stage_answers AS s
    JOIN sales_order AS o ON o.order_number = s.order_number
    JOIN sales_order_line AS l ON l.order_id = o.id AND l.line = s.line
    LEFT JOIN sales_answer AS a ON a.order_line_id = l.id AND a.question = s.question
    WHERE l.is_emptied OR a.is_emptied
)
