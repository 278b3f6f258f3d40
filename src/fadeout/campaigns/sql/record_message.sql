-- Write what became of a message that was claimed; nothing where it was erased, or taken for doubtful.
UPDATE campaigns_message
SET state = %(state)s, code = %(code)s, ended_at = %(ended_at)s, provider_id = %(provider_id)s
WHERE id = %(message)s AND state = 'claimed'
