-- About how many rows each of these tables has, as of its last analysis; none if it had none yet.
SELECT name, CASE WHEN reltuples >= 0 THEN reltuples::bigint END
FROM unnest(%(tables)s::text[]) AS name
JOIN pg_class ON oid = to_regclass(quote_ident(name))
