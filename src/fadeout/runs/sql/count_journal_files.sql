-- Files of the journal behind and ahead of the one that is written to now.
SELECT count(*) FILTER (WHERE name < pg_walfile_name(pg_current_wal_lsn())),
       count(*) FILTER (WHERE name > pg_walfile_name(pg_current_wal_lsn()))
FROM pg_ls_waldir()
WHERE name ~ '^[0-9A-F]{24}$'
