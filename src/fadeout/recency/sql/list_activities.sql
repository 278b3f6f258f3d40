-- Every row on file that could be an activity of one contact, with its day, and why it counts or not.
--
-- The same sources as the statement that decides; here nothing is brought together, so that a
-- person can read it. Parameter contact_ids holds the one contact.
party AS (
    SELECT id AS order_id, 'purchase contact' AS part FROM ordering
    WHERE purchase_contact_id = ANY(%(contact_ids)s)
    UNION ALL
    SELECT id, 'cultural contact' FROM ordering WHERE cultural_contact_id = ANY(%(contact_ids)s)
),
line_of_contact AS (
    SELECT l.*, o.ordered_at, o.ordered_on, p.part
    FROM party AS p
    JOIN ordering AS o ON o.id = p.order_id
    JOIN line AS l ON l.order_id = o.id
    UNION ALL
    SELECT l.*, o.ordered_at, o.ordered_on, 'beneficiary'
    FROM line AS l
    JOIN ordering AS o ON o.id = l.order_id
    WHERE l.beneficiary_contact_id = ANY(%(contact_ids)s)
),
listed AS (
    SELECT CASE WHEN counts_by_validity THEN valid_until_on ELSE ordered_on END AS day,
           CASE kind WHEN 'option' THEN 'option_acquired' ELSE kind END AS activity,
           TRUE AS counts,
           CASE WHEN counts_by_validity THEN 'validity_end'
                WHEN state <> 'standing' THEN 'order_day_' || state
                ELSE 'order_day' END AS because,
           part, order_id, id AS line_id, NULL AS detail
    FROM line_of_contact
    UNION ALL
    SELECT CASE WHEN counts_by_validity THEN valid_until_on
                WHEN confirmed_at > ordered_at THEN confirmed_on ELSE ordered_on END,
           'option_confirmed', TRUE,
           CASE WHEN counts_by_validity THEN 'validity_end' ELSE 'confirmation_day' END,
           part, order_id, id, NULL
    FROM line_of_contact
    WHERE kind = 'option' AND confirmed_at IS NOT NULL
    UNION ALL
    SELECT added_on, 'waiting_list', TRUE, 'day_it_happened', NULL, NULL, NULL, NULL FROM waiting
    UNION ALL
    SELECT clicked_on, 'click', NOT automated,
           CASE WHEN automated THEN 'automated_click' ELSE 'day_it_happened' END,
           NULL, NULL, NULL, link
    FROM click
    UNION ALL
    SELECT changed_on, 'criterion', origin IN ('contact', 'operator'),
           CASE WHEN origin IN ('contact', 'operator') THEN 'day_it_happened'
                ELSE 'changed_by_' || origin END, NULL, NULL, NULL, criterion
    FROM criterion
    UNION ALL
    SELECT changed_on, 'authorisation', origin IN ('contact', 'operator') AND yes_count > 0,
           CASE WHEN origin NOT IN ('contact', 'operator') THEN 'changed_by_' || origin
                WHEN yes_count = 0 THEN 'no_authorisation_left'
                ELSE 'day_it_happened' END, NULL, NULL, NULL,
           purpose || ', ' || channel || ': ' || value
    FROM authorisation_state
),
all_listed AS (
    SELECT * FROM listed
    UNION ALL
    SELECT created_on, 'created', NOT EXISTS (SELECT 1 FROM listed WHERE counts),
           CASE WHEN EXISTS (SELECT 1 FROM listed WHERE counts) THEN 'other_activity'
                ELSE 'no_activity' END, NULL, NULL, NULL, NULL
    FROM contact
)
SELECT a.day, a.activity, a.counts, a.because,
       string_agg(DISTINCT a.part, ', ' ORDER BY a.part), o.order_number, l.line, a.detail
FROM all_listed AS a
LEFT JOIN sales_order AS o ON o.id = a.order_id
LEFT JOIN sales_order_line AS l ON l.id = a.line_id
GROUP BY a.day, a.activity, a.counts, a.because, o.order_number, l.line, a.detail
ORDER BY a.day DESC, a.counts DESC, a.activity, o.order_number, l.line, a.detail, a.because
