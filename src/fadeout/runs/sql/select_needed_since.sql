-- Erased contacts who are back and whom somebody needs since: who bought, or was put on hold, on the
-- day on which they were erased or later. Lists of equal length: contacts, days; as_of: for which day is asked.
WITH erased AS MATERIALIZED (
    SELECT * FROM unnest(%(contacts)s::bigint[], %(days)s::date[]) AS e (contact_id, erased_on)
),
needed AS (
    SELECT e.contact_id, 1 AS rank, 'active' AS reason
    FROM erased AS e JOIN sales_order AS o ON o.purchase_contact_id = e.contact_id
    WHERE o.ordered_at::date >= e.erased_on
    UNION
    SELECT e.contact_id, 1, 'active'
    FROM erased AS e JOIN sales_order AS o ON o.cultural_contact_id = e.contact_id
    WHERE o.ordered_at::date >= e.erased_on
    UNION
    SELECT e.contact_id, 1, 'active'
    FROM erased AS e
    JOIN sales_order_line AS l ON l.beneficiary_contact_id = e.contact_id
    JOIN sales_order AS o ON o.id = l.order_id
    WHERE o.ordered_at::date >= e.erased_on
    UNION
    SELECT e.contact_id,
           CASE h.reason WHEN 'restriction' THEN 3 WHEN 'request' THEN 4 ELSE 2 END,
           CASE WHEN h.reason IN ('restriction', 'request') THEN h.reason ELSE 'hold' END
    FROM erased AS e JOIN contacts_hold AS h ON h.contact_id = e.contact_id
    WHERE h.created_at::date >= e.erased_on AND (h.until IS NULL OR h.until >= %(as_of)s)
)
SELECT contact_id, string_agg(reason, '|' ORDER BY rank) FROM needed GROUP BY contact_id
