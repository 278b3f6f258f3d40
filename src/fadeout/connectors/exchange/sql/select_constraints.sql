-- The keys of a table and the foreign keys that lean on it: table, name and definition, in the order
-- to make them.
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint AS c
WHERE (c.conrelid = %(table)s::regclass AND c.contype IN ('p', 'u', 'f'))
    OR (c.confrelid = %(table)s::regclass AND c.contype = 'f')
ORDER BY c.contype = 'f', c.contype, c.conname
