-- The clicks of the contacts of tokens on links of the same mailings: those of humans, and all since an instant.
SELECT DISTINCT k.contact_id, k.issued_for, k.id, k.tracked_link_id, k.clicked_at, k.automated
FROM links_issued AS i
JOIN links_click AS k ON k.contact_id = i.contact_id AND k.issued_for = i.issued_for
WHERE i.handle = ANY(%(handles)s::bigint[]) AND (k.clicked_at >= %(since)s OR NOT k.automated)
