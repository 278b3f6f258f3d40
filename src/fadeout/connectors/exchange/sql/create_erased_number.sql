-- Contact numbers that mean an erased contact in the files of this import: in every row, or where
-- somebody new has the number now, in the rows from before that contact was created.
CREATE TEMPORARY TABLE erased_number (
    contact_number text COLLATE "C" PRIMARY KEY,
    given_again_at timestamptz
) ON COMMIT DROP
