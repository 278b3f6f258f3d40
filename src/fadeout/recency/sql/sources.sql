-- The rows that recency and outcome are made from, with days made local to the institution: an instant
-- becomes a day in the time zone of the session, which whoever asks sets (fadeout.core.sql.local_days);
-- naming the zone row by row costs four times as much.
--
-- A marker in double brackets, [[contact:COLUMN]] or [[order:COLUMN]], stands for "of the chosen
-- contacts" where only some contacts are asked for, and for TRUE where all are. This is the only
-- part that knows the tables: on another engine the same names come from files.
contact AS (
    SELECT id, contact_number, kind, created_at::date AS created_on
    FROM contacts_contact
    WHERE anonymised_on IS NULL AND [[contact:id]]
),
ordering AS NOT MATERIALIZED (
    SELECT id, organisation_id, currency, purchase_contact_id, cultural_contact_id, ordered_at,
           ordered_at::date AS ordered_on
    FROM sales_order
    WHERE [[order:id]]
),
line AS NOT MATERIALIZED (
    SELECT id, order_id, kind, state, price, beneficiary_contact_id, valid_until, confirmed_at,
           valid_until::date AS valid_until_on,
           confirmed_at::date AS confirmed_on,
           state = 'standing' AND valid_until IS NOT NULL
               AND product_id IN (SELECT id FROM sales_product WHERE dated) AS counts_by_validity
    FROM sales_order_line
    WHERE [[order:order_id]]
),
payment AS NOT MATERIALIZED (
    SELECT order_id, amount FROM sales_payment WHERE [[order:order_id]]
),
account_entry AS NOT MATERIALIZED (
    SELECT contact_id, organisation_id, currency, amount
    FROM sales_account_entry
    WHERE contact_id IS NOT NULL AND [[contact:contact_id]]
),
waiting AS NOT MATERIALIZED (
    SELECT contact_id, added_at::date AS added_on
    FROM sales_waiting_list_entry
    WHERE [[contact:contact_id]]
),
click AS NOT MATERIALIZED (
    SELECT contact_id, automated, link, clicked_at::date AS clicked_on
    FROM links_click
    WHERE [[contact:contact_id]]
),
criterion AS NOT MATERIALIZED (
    SELECT contact_id, origin, criterion, changed_at::date AS changed_on
    FROM contacts_criterion
    WHERE [[contact:contact_id]]
),
authorisation AS NOT MATERIALIZED (
    SELECT contact_id, purpose, channel, value, origin, changed_at,
           changed_at::date AS changed_on
    FROM contacts_authorisation
    WHERE [[contact:contact_id]]
),
hold AS NOT MATERIALIZED (
    SELECT contact_id, reason, until, of_request FROM contacts_hold WHERE [[contact:contact_id]]
),
role AS NOT MATERIALIZED (
    SELECT contact_id, role FROM contacts_role WHERE [[contact:contact_id]]
)
