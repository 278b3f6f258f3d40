-- What simulation prints: a row for each contact, in byte order of contact number.
SELECT c.contact_number, r.outcome, r.recency_on AS recency, r.activity, r.reasons
FROM plans_plan_row AS r
JOIN contacts_contact AS c ON c.id = r.contact_id
WHERE r.plan_id = %(plan)s
ORDER BY c.contact_number COLLATE "C"
