-- Orders all of whose lines are that old, and that still hold a remark or an IP address.
--
-- An order without lines counts by its own day.
SELECT o.id
FROM sales_order AS o
WHERE num_nonnulls(o.ip_address, o.remark) > 0
  AND NOT EXISTS (
      SELECT 1 FROM sales_order_line AS l
      WHERE l.order_id = o.id
        AND (coalesce(l.valid_until, o.ordered_at) AT TIME ZONE %(time_zone)s)::date >= %(cutoff)s)
  AND ((o.ordered_at AT TIME ZONE %(time_zone)s)::date < %(cutoff)s
       OR EXISTS (SELECT 1 FROM sales_order_line AS l WHERE l.order_id = o.id))
