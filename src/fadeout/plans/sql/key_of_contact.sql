-- What the row of a contact is sorted by in the list of a plan.
SELECT coalesce(r.recency_on, DATE '-infinity')::text, r.id
FROM contacts_contact AS c
JOIN plans_plan_row AS r ON r.contact_id = c.id AND r.plan_id = %(plan)s
WHERE c.public_id = %(contact)s
