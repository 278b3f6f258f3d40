-- The tokens of all contacts ever erased, of both sorts.
CREATE TEMPORARY TABLE erased_token (token bytea NOT NULL) ON COMMIT DROP
