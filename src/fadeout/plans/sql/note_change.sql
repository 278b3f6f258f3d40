-- Contacts changed, many at once: what was counted before is of yesterday.
INSERT INTO plans_outlook (id, changes) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET changes = plans_outlook.changes + 1
