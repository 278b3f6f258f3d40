-- The countries of those on file: from one to the next through the index, not row by row.
WITH RECURSIVE found AS (
    SELECT min(country) AS country FROM contacts_contact
    WHERE anonymised_on IS NULL AND country IS NOT NULL
    UNION ALL
    SELECT (SELECT min(c.country) FROM contacts_contact AS c
            WHERE c.anonymised_on IS NULL AND c.country IS NOT NULL AND c.country > found.country)
    FROM found WHERE found.country IS NOT NULL
)
SELECT country FROM found WHERE country IS NOT NULL LIMIT 300
