-- What was found, a text for each contact or order: the parts of its record, with commas between.
SELECT string_agg(part, ',') FROM scope_row GROUP BY owner_id
