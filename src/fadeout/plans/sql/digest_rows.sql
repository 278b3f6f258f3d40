-- The rows of a plan as two 64-bit sums: they do not depend on order, and subtract.
--
-- So the rows still there and those already struck together give what was approved, at any moment.
-- Each row goes in as SHA-256 over all that was approved of it; its state is not part of it.
SELECT count(*),
       coalesce(sum(('x' || encode(substr(digest, 1, 8), 'hex'))::bit(64)::bigint), 0),
       coalesce(sum(('x' || encode(substr(digest, 9, 8), 'hex'))::bit(64)::bigint), 0)
FROM (
    SELECT sha256(convert_to(concat_ws('|', plan_id, id, coalesce(contact_id, 0), outcome,
               recency_on - DATE '0001-01-01', activity, coalesce(reasons, '')), 'UTF8')) AS digest
    FROM plans_plan_row
    WHERE plan_id = %(plan)s AND state <> 'struck'
      AND (%(rows)s::bigint[] IS NULL OR id = ANY(%(rows)s))
) AS row_digest
