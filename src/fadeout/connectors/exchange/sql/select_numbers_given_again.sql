-- Numbers of erased contacts that somebody has now, and when that contact was created.
SELECT n.contact_number, n.given_again_at, n.given_again_at
FROM erased_number AS n
WHERE n.given_again_at IS NOT NULL
