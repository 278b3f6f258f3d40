-- Whether a hold of contact c counts on the day %(today)s; through its last day.
EXISTS (
    SELECT FROM contacts_hold AS h
    WHERE h.contact_id = c.id AND (h.until IS NULL OR h.until >= %(today)s)
)
