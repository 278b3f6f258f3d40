-- About how many rows these tables have, as of their last analysis.
SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint
FROM pg_class WHERE oid = ANY (SELECT to_regclass(quote_ident(name)) FROM unnest(%(tables)s::text[]) AS name)
