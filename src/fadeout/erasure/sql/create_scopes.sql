-- The scopes of one stroke: which contacts, orders and lines it reaches, and whose they are. Of this session
-- alone. They have no keys: each is filled without repeats, and read from end to end.
CREATE TEMPORARY TABLE IF NOT EXISTS scope_contact (contact_id bigint NOT NULL, outcome text NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_ordering (contact_id bigint NOT NULL, order_id bigint NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_ticket (contact_id bigint NOT NULL, line_id bigint NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_order (order_id bigint NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_line (line_id bigint NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_bought_line (line_id bigint NOT NULL, order_id bigint NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_row (
    step integer NOT NULL, row_id bigint NOT NULL, place tid, outcome text, owner_id bigint NOT NULL, part text NOT NULL);
-- What a round of the ticket part found, and takes chunk by chunk in the order of its ids.
CREATE TEMPORARY TABLE IF NOT EXISTS expired_line (line_id bigint PRIMARY KEY);
CREATE TEMPORARY TABLE IF NOT EXISTS expired_order (order_id bigint PRIMARY KEY);
