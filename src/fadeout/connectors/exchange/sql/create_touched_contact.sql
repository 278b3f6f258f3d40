-- Contacts on file that this import changed.
CREATE TEMPORARY TABLE touched_contact (id bigint NOT NULL) ON COMMIT DROP
