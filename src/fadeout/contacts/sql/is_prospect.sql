-- Whether contact c never bought and never benefited: no line of kind sale reaches it, whatever its state.
NOT EXISTS (
    SELECT FROM sales_order AS o JOIN sales_order_line AS l ON l.order_id = o.id
    WHERE o.purchase_contact_id = c.id AND l.kind = 'sale'
)
AND NOT EXISTS (
    SELECT FROM sales_order AS o JOIN sales_order_line AS l ON l.order_id = o.id
    WHERE o.cultural_contact_id = c.id AND l.kind = 'sale'
)
AND NOT EXISTS (
    SELECT FROM sales_order_line AS l WHERE l.beneficiary_contact_id = c.id AND l.kind = 'sale'
)
