-- Contact numbers that rows of this import point at, and when the first of these rows came about.
CREATE TEMPORARY TABLE pointed_at (contact_number text COLLATE "C" NOT NULL, first_at timestamptz)
ON COMMIT DROP
