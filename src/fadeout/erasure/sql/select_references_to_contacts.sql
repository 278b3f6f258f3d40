-- The columns that point at contacts, as the database itself knows them: table, column.
SELECT c.conrelid::regclass::text, a.attname
FROM pg_constraint AS c
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'contacts_contact'::regclass
ORDER BY 1, 2
