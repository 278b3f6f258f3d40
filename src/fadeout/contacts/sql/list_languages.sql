-- The languages of those on file: from one to the next through the index, not row by row.
WITH RECURSIVE found AS (
    SELECT min(language) AS language FROM contacts_contact
    WHERE anonymised_on IS NULL AND language IS NOT NULL
    UNION ALL
    SELECT (SELECT min(c.language) FROM contacts_contact AS c
            WHERE c.anonymised_on IS NULL AND c.language IS NOT NULL AND c.language > found.language)
    FROM found WHERE found.language IS NOT NULL
)
SELECT language FROM found WHERE language IS NOT NULL LIMIT 300
