-- The records that lie in the vault, by key: how many, and their digests added up.
SELECT key_id, expires_on, count(*),
       coalesce(sum(('x' || encode(substr(digest, 1, 8), 'hex'))::bit(64)::bigint), 0),
       coalesce(sum(('x' || encode(substr(digest, 9, 8), 'hex'))::bit(64)::bigint), 0)
FROM (SELECT key_id, expires_on, sha256(sealed) AS digest FROM vault_record) AS record
GROUP BY key_id, expires_on
