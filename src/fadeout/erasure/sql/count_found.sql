-- How many rows were found for each step; one that two contacts share counts once.
SELECT step, count(DISTINCT row_id) FROM scope_row GROUP BY step
