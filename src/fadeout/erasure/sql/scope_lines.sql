-- The lines of the orders in scope, and those whose beneficiary is in scope.
INSERT INTO scope_line (line_id)
(
    SELECT line_id FROM scope_bought_line
    UNION
    SELECT line_id FROM scope_ticket
)
EXCEPT
SELECT line_id FROM scope_line
