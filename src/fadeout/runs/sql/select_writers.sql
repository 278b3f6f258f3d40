-- Transactions that write to the tables of the figures now: their rows have their numbers, and nobody sees
-- them yet.
SELECT DISTINCT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
    AND pid IS DISTINCT FROM pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation IN (
        'sales_order'::regclass, 'sales_order_line'::regclass, 'sales_answer'::regclass,
        'sales_payment'::regclass, 'sales_account_entry'::regclass
    )
