-- Contacts that are no longer due are kept, with the reason.
UPDATE plans_plan_row AS r
SET state = 'requalified', kept_because = k.reason
FROM unnest(%(rows)s::bigint[], %(reasons)s::text[]) AS k (id, reason)
WHERE r.id = k.id
