-- The unique constraints and foreign keys of a table: name and definition, in the order to make them.
SELECT c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint AS c
WHERE c.conrelid = %(table)s::regclass
    AND c.contype IN ('u', 'f')
    AND NOT EXISTS (
        SELECT FROM pg_constraint AS k
        WHERE k.contype = 'f' AND k.conindid = c.conindid AND c.contype = 'u'
    )
ORDER BY c.contype DESC, c.conname
