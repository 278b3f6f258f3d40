-- The texts that replace others, by the key of their row. Of this session alone, and only until the end
-- of the transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS replaced_text (row text NOT NULL, text text NOT NULL) ON COMMIT DELETE ROWS
