-- Take one message of a campaign that is being sent, so that nobody else sends it.
UPDATE campaigns_message AS m
SET state = 'claimed', claimed_at = %(now)s, attempts = m.attempts + 1
FROM campaigns_campaign AS c
WHERE m.id = %(message)s AND m.state IN ('waiting', 'retrying')
  AND c.id = m.campaign_id AND c.state = 'sending'
RETURNING m.public_id, m.contact_id, m.attempts
