-- Who still may see rows that were removed before our transaction began. In any database of the server:
-- a snapshot taken in this one is as old as the oldest transaction that writes in another.
SELECT 1 FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND greatest(age(backend_xmin), age(backend_xid)) > age(%(ours)s::xid)
UNION ALL
SELECT 1 FROM pg_prepared_xacts WHERE age(transaction) > age(%(ours)s::xid)
UNION ALL
SELECT 1 FROM pg_replication_slots WHERE greatest(age(xmin), age(catalog_xmin)) > age(%(ours)s::xid)
