-- Lock the rows of one table that the decision rests on: an option confirmed, a hold prolonged or an amount
-- corrected at this moment touches neither contact nor order. Tells whose rows somebody else holds.
(WITH free AS MATERIALIZED (
    SELECT id FROM {table} WHERE {column} = ANY({chosen}) ORDER BY id FOR UPDATE SKIP LOCKED
)
SELECT DISTINCT {kind}, {column} FROM {table}
WHERE {column} = ANY({chosen}) AND id NOT IN (SELECT id FROM free))
