-- Names of the files of the journal; in this order they are written to.
SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' ORDER BY name
