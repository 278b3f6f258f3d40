-- What was found, for each contact or order: its id and a text, the parts of its record with commas between.
SELECT owner_id, string_agg(part, ',') FROM scope_row GROUP BY owner_id
