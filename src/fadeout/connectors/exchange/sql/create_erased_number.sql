-- Contact numbers that mean an erased contact in the files of this import.
CREATE TEMPORARY TABLE erased_number (contact_number text COLLATE "C" PRIMARY KEY) ON COMMIT DROP
