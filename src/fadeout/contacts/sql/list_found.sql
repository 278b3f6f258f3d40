-- What a list shows of these contacts, in the order of their ids as given.
SELECT c.public_id, c.id, c.contact_number, c.kind, c.last_name, c.first_name, s.last_name, c.email,
       coalesce(c.phone, c.mobile), c.postcode, c.town, c.country, c.language,
       EXISTS (
           SELECT FROM contacts_hold AS h
           WHERE h.contact_id = c.id AND (h.until IS NULL OR h.until >= %(today)s)
       )
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
JOIN contacts_contact AS c ON c.id = wanted.id
LEFT JOIN contacts_contact AS s ON s.id = c.structure_id AND s.anonymised_on IS NULL
WHERE c.anonymised_on IS NULL
ORDER BY wanted.place
