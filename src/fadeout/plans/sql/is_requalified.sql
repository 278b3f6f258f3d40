-- Whether a row is one that a run kept after all, of these outcomes and with this reason.
plan_id = %(plan)s AND state = 'requalified' AND contact_id IS NOT NULL
AND outcome = ANY(%(outcomes)s)
AND (%(reason)s::text IS NULL OR %(reason)s = ANY(string_to_array(reasons, '|')))
