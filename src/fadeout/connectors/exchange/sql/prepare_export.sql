-- Settings that make PostgreSQL write instants and days in one way only; they end with the transaction.
SELECT
    set_config('TimeZone', 'UTC', true),
    set_config('DateStyle', 'ISO, YMD', true),
    set_config('work_mem', '192MB', true),
    set_config('jit', 'off', true)
