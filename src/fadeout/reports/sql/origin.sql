-- Orders, tickets and amounts by year and origin: the same before and after any run.
--
-- Counted are orders with at least one line of kind sale; tickets and amounts are their standing
-- sale lines. The origin is that of whoever pays, without one of whom the order is for: contacts
-- that bought are never deleted, and country, town and postcode outlive their anonymisation.
-- Years are local.
SELECT extract(year FROM o.ordered_at AT TIME ZONE %(time_zone)s)::int AS year,
       c.country, c.town, c.postcode, o.currency,
       count(*) AS orders, sum(l.tickets)::bigint AS tickets, sum(l.amount) AS amount
FROM sales_order AS o
JOIN (
    SELECT order_id,
           count(*) FILTER (WHERE state = 'standing') AS tickets,
           coalesce(sum(price) FILTER (WHERE state = 'standing'), 0.00) AS amount
    FROM sales_order_line
    WHERE kind = 'sale'
    GROUP BY order_id
) AS l ON l.order_id = o.id
LEFT JOIN contacts_contact AS c ON c.id = coalesce(o.purchase_contact_id, o.cultural_contact_id)
GROUP BY 1, 2, 3, 4, 5
ORDER BY year, country COLLATE "C" NULLS FIRST, town COLLATE "C" NULLS FIRST,
         postcode COLLATE "C" NULLS FIRST, currency COLLATE "C"
