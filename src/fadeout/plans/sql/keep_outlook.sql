-- Keep what was counted, instead of what was counted before; changes noted meanwhile stay noted.
INSERT INTO plans_outlook (id, changes, counted_changes, counted_at, as_of, months, figures)
VALUES (1, %(changes)s, %(changes)s, %(now)s, %(as_of)s, %(months)s, %(figures)s::jsonb)
ON CONFLICT (id) DO UPDATE
SET counted_changes = excluded.counted_changes, counted_at = excluded.counted_at,
    as_of = excluded.as_of, months = excluded.months, figures = excluded.figures
