-- Orders that reach the contact %(contact)s, the latest first, %(most)s at most; and how many there are.
WITH mine AS MATERIALIZED (
    SELECT id, 'purchase' AS part FROM sales_order WHERE purchase_contact_id = %(contact)s
    UNION ALL
    SELECT id, 'cultural' FROM sales_order WHERE cultural_contact_id = %(contact)s
    UNION ALL
    SELECT order_id, 'beneficiary' FROM sales_order_line WHERE beneficiary_contact_id = %(contact)s
),
reached AS MATERIALIZED (
    SELECT id, array_agg(DISTINCT part ORDER BY part) AS parts FROM mine GROUP BY id
),
latest AS MATERIALIZED (
    SELECT o.id, o.order_number, o.organisation_id, o.ordered_at, o.currency, r.parts,
           (SELECT count(*) FROM reached) AS all_orders
    FROM reached AS r
    JOIN sales_order AS o ON o.id = r.id
    ORDER BY o.ordered_at DESC, o.id DESC
    LIMIT %(most)s
)
SELECT l.order_number, g.name, l.ordered_at, l.currency, l.parts, s.lines, s.kinds, s.amount, l.all_orders
FROM latest AS l
JOIN sales_organisation AS g ON g.id = l.organisation_id
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, coalesce(array_agg(DISTINCT kind ORDER BY kind), '{}') AS kinds,
           coalesce(sum(price) FILTER (WHERE state = 'standing' AND kind = 'sale'), 0) AS amount
    FROM sales_order_line WHERE order_id = l.id
) AS s
ORDER BY l.ordered_at DESC, l.id DESC
