-- The clicks of the contact of a token on links of the same mailing: those that humans made once and for all, and
-- those since an instant one by one.
SELECT k.id, k.tracked_link_id, k.clicked_at, k.automated
FROM links_issued AS i
JOIN links_click AS k ON k.contact_id = i.contact_id AND k.issued_for = i.issued_for
WHERE i.handle = %(handle)s AND (k.clicked_at >= %(since)s OR NOT k.automated)
