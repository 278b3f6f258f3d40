-- How many contacts that were on file before changed, in themselves or in their roles.
SELECT count(DISTINCT t.id)
FROM touched_contact AS t
WHERE t.id IN (SELECT n.id FROM numbered_contact AS n WHERE NOT n.is_new)
