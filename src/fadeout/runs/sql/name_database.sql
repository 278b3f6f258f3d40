-- What no copy of this database shares: the server that was set up once, the database in it, and the
-- table of chunks, which a restore makes anew.
SELECT concat_ws('-', (SELECT system_identifier FROM pg_control_system()),
                 (SELECT oid FROM pg_database WHERE datname = current_database()),
                 'runs_chunk'::regclass::oid)
