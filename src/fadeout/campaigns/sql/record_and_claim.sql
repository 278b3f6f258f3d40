-- Record what became of one message, count it, and take the next one: one commit for each mail.
WITH recorded AS (
    UPDATE campaigns_message
    SET state = %(state)s, code = %(code)s, ended_at = %(ended_at)s, provider_id = %(provider_id)s,
        next_try_at = coalesce(%(next_try_at)s::timestamptz, next_try_at)
    WHERE id = %(done)s::bigint AND state = 'claimed'
    RETURNING campaign_id
),
counted AS (
    INSERT INTO campaigns_campaigntotal (campaign_id, what, reason, count)
    SELECT campaign_id, %(what)s, %(reason)s, 1 FROM recorded WHERE %(what)s <> ''
    ON CONFLICT (campaign_id, what, reason)
    DO UPDATE SET count = campaigns_campaigntotal.count + 1
),
taken AS (
    UPDATE campaigns_message AS m
    SET state = 'claimed', claimed_at = %(now)s, attempts = m.attempts + 1
    FROM campaigns_campaign AS c
    WHERE m.id = %(message)s::bigint AND m.state IN ('waiting', 'retrying')
      AND c.id = m.campaign_id AND c.state = 'sending'
    RETURNING m.id, m.public_id, m.contact_id, m.attempts
)
SELECT (SELECT count(*) FROM recorded), taken.*
FROM (SELECT 1) AS always LEFT JOIN taken ON TRUE
