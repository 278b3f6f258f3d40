-- Answers that stay empty: emptied on file, or asked with a line whose typed data stays empty.
UPDATE stage_answers AS s
SET emptied = true
WHERE EXISTS (
        SELECT FROM stage_order_lines AS n
        WHERE n.order_number = s.order_number AND n.line = s.line AND n.emptied
    )
    OR EXISTS (
        SELECT FROM stage_orders AS n
        WHERE n.order_number = s.order_number
            AND (n.purchase_contact_erased OR n.cultural_contact_erased)
    )
    OR EXISTS (
        SELECT FROM sales_order AS o
        JOIN sales_order_line AS l ON l.order_id = o.id
        LEFT JOIN sales_answer AS a ON a.order_line_id = l.id AND a.question = s.question
        WHERE o.order_number = s.order_number
            AND l.line = s.line
            AND (l.is_emptied OR a.is_emptied)
    )
