-- The lines of the orders in scope, and those whose beneficiary is in scope.
INSERT INTO scope_line (line_id)
(
    SELECT line_id FROM scope_bought_line
    UNION
    SELECT l.id FROM sales_order_line AS l JOIN scope_contact AS s ON s.contact_id = l.beneficiary_contact_id
)
EXCEPT
SELECT line_id FROM scope_line
