-- Settings of a transaction that joins and sorts millions of rows; they end with it.
SELECT
    set_config('work_mem', '192MB', true),
    set_config('maintenance_work_mem', '384MB', true),
    set_config('jit', 'off', true)
