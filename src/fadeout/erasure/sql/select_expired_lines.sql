-- Lines that outlived their purpose and still hold what somebody typed (rule book, section 3).
--
-- Whatever the contact's own recency: the validity, or without one the order, ended before the
-- cutoff.
SELECT l.id
FROM sales_order_line AS l
JOIN sales_order AS o ON o.id = l.order_id
WHERE (coalesce(l.valid_until, o.ordered_at) AT TIME ZONE %(time_zone)s)::date < %(cutoff)s
  AND (num_nonnulls(l.beneficiary_first_name, l.beneficiary_last_name, l.beneficiary_email,
                    l.beneficiary_birth_date) > 0
       OR EXISTS (SELECT 1 FROM sales_answer AS a
                  WHERE a.order_line_id = l.id AND a.answer IS NOT NULL))
