-- The list, from what follows; contact numbers that a spreadsheet would take for formulas are made texts.
SELECT
    CASE WHEN contact_number ~ '^[-=+@\t\r]' THEN '''' || contact_number ELSE contact_number END AS contact_number,
    outcome,
    recency,
    activity,
    reasons
