-- The contacts of each recency, by what becomes of them; over the rows of a decision.
SELECT recency_on,
       CASE WHEN outcome <> 'keep' THEN outcome
           WHEN reasons = 'active' THEN 'falls_due'
           WHEN reasons LIKE 'active|%%' THEN 'active'
           ELSE 'kept' END,
       count(*)
FROM decision
GROUP BY 1, 2
