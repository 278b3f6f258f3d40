-- Contact numbers that may mean an erased contact, with the token that would prove it.
CREATE TEMPORARY TABLE candidate (
    contact_number text COLLATE "C" NOT NULL,
    token bytea NOT NULL,
    given_again_at timestamptz
) ON COMMIT DROP
