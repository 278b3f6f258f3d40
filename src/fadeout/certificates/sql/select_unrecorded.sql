-- Rows that no entry of the ledger tells of, by table and number, with when they say they were made.
SELECT 'plan' AS what, p.id, p.created_at
FROM plans_plan AS p
WHERE NOT EXISTS (SELECT FROM ledger_entry AS e
                  WHERE e.kind = 'plan' AND (e.facts->>'plan')::bigint = p.id)
UNION ALL
SELECT 'approval of plan', a.plan_id, a.approved_at
FROM plans_approval AS a
JOIN institution_operator AS o ON o.id = a.approved_by_id
WHERE NOT EXISTS (SELECT FROM ledger_entry AS e
                  WHERE e.kind = 'approval' AND (e.facts->>'plan')::bigint = a.plan_id
                    AND e.actor = o.public_id)
UNION ALL
SELECT 'override of plan', v.plan_id, v.overridden_at
FROM runs_override AS v
JOIN institution_operator AS o ON o.id = v.overridden_by_id
WHERE NOT EXISTS (SELECT FROM ledger_entry AS e
                  WHERE e.kind = 'override' AND (e.facts->>'plan')::bigint = v.plan_id
                    AND e.actor = o.public_id)
UNION ALL
SELECT 'run', r.id, r.started_at
FROM runs_run AS r
WHERE NOT EXISTS (SELECT FROM ledger_entry AS e
                  WHERE e.kind = 'run_started' AND (e.facts->>'run')::bigint = r.id)
UNION ALL
SELECT 'version of the policy', v.number, v.created_at
FROM institution_policyversion AS v
WHERE NOT EXISTS (SELECT FROM ledger_entry AS e
                  WHERE e.kind IN ('house', 'policy')
                    AND (e.facts->'policy'->>'number')::bigint = v.number)
ORDER BY 1, 2
