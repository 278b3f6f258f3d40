-- Lock what else the decision rests on: a hold prolonged or an amount corrected at this moment touches
-- neither contact nor order. Tells whose rows somebody else holds.
WITH hold AS MATERIALIZED (
    SELECT id FROM contacts_hold WHERE contact_id = ANY(%(contacts)s) ORDER BY id FOR UPDATE SKIP LOCKED
),
role AS MATERIALIZED (
    SELECT id FROM contacts_role WHERE contact_id = ANY(%(contacts)s) ORDER BY id FOR UPDATE SKIP LOCKED
),
criterion AS MATERIALIZED (
    SELECT id FROM contacts_criterion WHERE contact_id = ANY(%(contacts)s) ORDER BY id FOR UPDATE SKIP LOCKED
),
authorisation AS MATERIALIZED (
    SELECT id FROM contacts_authorisation WHERE contact_id = ANY(%(contacts)s)
    ORDER BY id FOR UPDATE SKIP LOCKED
),
click AS MATERIALIZED (
    SELECT id FROM links_click WHERE contact_id = ANY(%(contacts)s) ORDER BY id FOR UPDATE SKIP LOCKED
),
waiting AS MATERIALIZED (
    SELECT id FROM sales_waiting_list_entry WHERE contact_id = ANY(%(contacts)s)
    ORDER BY id FOR UPDATE SKIP LOCKED
),
entry AS MATERIALIZED (
    SELECT id FROM sales_account_entry WHERE contact_id = ANY(%(contacts)s)
    ORDER BY id FOR UPDATE SKIP LOCKED
),
payment AS MATERIALIZED (
    SELECT id FROM sales_payment WHERE order_id = ANY(%(orders)s) ORDER BY id FOR UPDATE SKIP LOCKED
)
SELECT contact_id, NULL::bigint AS order_id FROM contacts_hold
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM hold)
UNION
SELECT contact_id, NULL FROM contacts_role
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM role)
UNION
SELECT contact_id, NULL FROM contacts_criterion
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM criterion)
UNION
SELECT contact_id, NULL FROM contacts_authorisation
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM authorisation)
UNION
SELECT contact_id, NULL FROM links_click
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM click)
UNION
SELECT contact_id, NULL FROM sales_waiting_list_entry
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM waiting)
UNION
SELECT contact_id, NULL FROM sales_account_entry
WHERE contact_id = ANY(%(contacts)s) AND id NOT IN (SELECT id FROM entry)
UNION
SELECT NULL, order_id FROM sales_payment
WHERE order_id = ANY(%(orders)s) AND id NOT IN (SELECT id FROM payment)
