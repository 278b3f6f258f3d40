-- Candidates whose token is known are erased contacts.
INSERT INTO erased_number (contact_number, given_again_at)
SELECT DISTINCT c.contact_number, c.given_again_at
FROM candidate AS c
WHERE c.token IN (SELECT e.token FROM erased_token AS e)
ON CONFLICT DO NOTHING
