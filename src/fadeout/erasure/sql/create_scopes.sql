-- The scopes of one stroke: which contacts, orders and lines it reaches. Of this session alone.
CREATE TEMPORARY TABLE IF NOT EXISTS scope_contact (contact_id bigint PRIMARY KEY, outcome text NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_order (order_id bigint PRIMARY KEY);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_line (line_id bigint PRIMARY KEY);
CREATE TEMPORARY TABLE IF NOT EXISTS scope_bought_line (line_id bigint PRIMARY KEY);
