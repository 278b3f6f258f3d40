-- Who of the contacts in scope is the beneficiary of which line.
INSERT INTO scope_ticket (contact_id, line_id)
SELECT s.contact_id, l.id FROM sales_order_line AS l JOIN scope_contact AS s ON s.contact_id = l.beneficiary_contact_id
