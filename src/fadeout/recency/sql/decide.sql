-- Recency and outcome of every contact: the one statement that decides (rule book, sections 2, 3).
--
-- Parameters: as_of, cutoff (days; cutoff = as_of less the period, computed in Python).
-- A day and an activity travel together as one number, score = 16 * day + (15 - rank), so that one
-- max() finds the latest day and, of several activities on it, the first in the order of ranks:
-- 1 option_acquired, 2 option_confirmed, 3 reservation, 4 sale, 5 waiting_list, 6 click,
-- 7 criterion, 8 authorisation; 9 created. Days are counted from 0001-01-01.
line_activity AS NOT MATERIALIZED (
    -- Each line's own score: above zero where its validity counts, else less its rank, and the day
    -- of the order is added later. Marks are 1 sold, 2 open, 4 open if ordered on the cutoff or later,
    -- 8 a sale still to take place.
    SELECT order_id, beneficiary_contact_id,
           CASE WHEN counts_by_validity THEN 16 * (valid_until_on - DATE '0001-01-01') + 15 ELSE 0 END
           - CASE kind WHEN 'sale' THEN 4 WHEN 'option' THEN 1 ELSE 3 END AS score,
           CASE WHEN kind = 'option' THEN 16 * (confirmed_on - DATE '0001-01-01') + 13 END
               AS confirmed_score,
           CASE WHEN kind = 'sale'
                    THEN CASE WHEN state = 'standing' AND valid_until_on >= %(as_of)s THEN 9 ELSE 1 END
                WHEN state <> 'standing' THEN 0
                WHEN valid_until IS NULL THEN 4
                WHEN valid_until_on >= %(as_of)s THEN 2
                ELSE 0 END AS marks,
           CASE WHEN kind = 'sale' AND state = 'standing' THEN price END AS owed
    FROM line
),
order_activity AS (
    -- What an order's lines say together; in the order of the orders, so that nothing is sorted. A
    -- confirmation counts where the validity does not; one before the order is less than the order.
    SELECT order_id,
           max(score) AS validity_score,
           max(score) FILTER (WHERE score < 0) AS order_day_score,
           max(confirmed_score) FILTER (WHERE score < 0) AS confirmed_score,
           bit_or(marks) AS marks,
           sum(owed) AS owed
    FROM (SELECT * FROM line_activity ORDER BY order_id) AS l
    GROUP BY order_id
),
paid AS (
    SELECT order_id, sum(amount) AS amount
    FROM (SELECT * FROM payment ORDER BY order_id) AS p
    GROUP BY order_id
),
order_fact AS (
    SELECT o.organisation_id, o.currency, o.purchase_contact_id, o.cultural_contact_id,
           nullif(greatest(a.validity_score, a.confirmed_score, -1,
                    16 * (o.ordered_on - DATE '0001-01-01') + 15 + a.order_day_score), -1) AS score,
           a.marks | CASE WHEN a.marks & 4 > 0 AND o.ordered_on >= %(cutoff)s THEN 2 ELSE 0 END AS marks,
           coalesce(p.amount, 0) - coalesce(a.owed, 0) AS balance
    FROM ordering AS o
    LEFT JOIN order_activity AS a ON a.order_id = o.id
    LEFT JOIN paid AS p ON p.order_id = o.id
    WHERE o.purchase_contact_id IS NOT NULL OR o.cultural_contact_id IS NOT NULL
),
ticket AS (
    -- Lines with a linked beneficiary, for the beneficiary; only where the validity does not count is
    -- the order looked up.
    SELECT beneficiary_contact_id AS contact_id, max(score) AS score, bit_or(marks) AS marks
    FROM line_activity
    WHERE beneficiary_contact_id IS NOT NULL AND score > 0
    GROUP BY beneficiary_contact_id
    UNION ALL
    SELECT l.beneficiary_contact_id,
           greatest(16 * (o.ordered_on - DATE '0001-01-01') + 15 + l.score, l.confirmed_score),
           l.marks | CASE WHEN l.marks & 4 > 0 AND o.ordered_on >= %(cutoff)s THEN 2 ELSE 0 END
    FROM line_activity AS l
    JOIN ordering AS o ON o.id = l.order_id
    WHERE l.beneficiary_contact_id IS NOT NULL AND l.score < 0
),
authorisation_step AS (
    -- +1 where an answer becomes yes, -1 where it was yes and no longer is.
    SELECT contact_id, purpose, channel, value, origin, changed_at, changed_on,
           CASE WHEN value = 'yes' THEN 1 ELSE 0 END
           - CASE WHEN lag(value) OVER (
                 PARTITION BY contact_id, purpose, channel ORDER BY changed_at) = 'yes'
             THEN 1 ELSE 0 END AS step
    FROM authorisation
),
authorisation_state AS (
    -- How many answers are yes once every row up to and including this instant is in force.
    SELECT contact_id, purpose, channel, value, origin, changed_on,
           sum(step) OVER (PARTITION BY contact_id ORDER BY changed_at
               RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS yes_count
    FROM authorisation_step
),
fact AS (
    -- Each kind is brought down to one row a contact before the kinds meet.
    SELECT purchase_contact_id AS contact_id, max(score) AS score, bit_or(marks) AS marks
    FROM order_fact WHERE purchase_contact_id IS NOT NULL GROUP BY purchase_contact_id
    UNION ALL
    SELECT cultural_contact_id, max(score), bit_or(marks)
    FROM order_fact WHERE cultural_contact_id IS NOT NULL GROUP BY cultural_contact_id
    UNION ALL
    SELECT contact_id, score, marks FROM ticket
    UNION ALL
    SELECT contact_id, 16 * (max(added_on) - DATE '0001-01-01') + 10, 0
    FROM waiting GROUP BY contact_id
    UNION ALL
    SELECT contact_id, 16 * (max(clicked_on) - DATE '0001-01-01') + 9, 0
    FROM click WHERE NOT automated GROUP BY contact_id
    UNION ALL
    SELECT contact_id, 16 * (max(changed_on) - DATE '0001-01-01') + 8, 0
    FROM criterion WHERE origin IN ('contact', 'operator') GROUP BY contact_id
    UNION ALL
    SELECT contact_id, 16 * (max(changed_on) - DATE '0001-01-01') + 7, 0
    FROM authorisation_state
    WHERE origin IN ('contact', 'operator') AND yes_count > 0 GROUP BY contact_id
),
contact_fact AS (
    SELECT contact_id, max(score) AS score, bit_or(marks) AS marks
    FROM fact GROUP BY contact_id
),
movement AS (
    -- Orders paid in full move nothing.
    SELECT purchase_contact_id AS contact_id, organisation_id, currency, balance AS amount
    FROM order_fact
    WHERE purchase_contact_id IS NOT NULL AND balance <> 0
    UNION ALL
    SELECT contact_id, organisation_id, currency, amount FROM account_entry
),
balance AS (
    -- One organisation or currency does not make up for another.
    SELECT contact_id, sum(amount) AS amount
    FROM movement
    GROUP BY contact_id, organisation_id, currency
    HAVING sum(amount) <> 0
),
debt AS (
    SELECT contact_id, bool_or(amount < 0) AS is_debtor, bool_or(amount > 0) AS is_creditor
    FROM balance GROUP BY contact_id
),
held AS (
    SELECT contact_id,
           bool_or(reason NOT IN ('restriction', 'request')) AS by_hold,
           bool_or(reason = 'restriction') AS by_restriction,
           bool_or(reason = 'request') AS by_request,
           bool_or(of_request) AS by_own_request
    FROM hold
    WHERE until IS NULL OR until >= %(as_of)s
    GROUP BY contact_id
),
role_holder AS (
    SELECT DISTINCT contact_id FROM role
),
judged AS (
    SELECT c.id, c.contact_number,
           coalesce(DATE '0001-01-01' + f.score / 16, c.created_on) AS recency_on,
           coalesce(15 - f.score %% 16, 9) AS activity_rank,
           coalesce(f.marks & 1 > 0, FALSE) AS bought_or_benefited,
           coalesce(f.marks & 8 > 0, FALSE) AS sale_to_come,
           coalesce(h.by_own_request, FALSE) AS erasure_asked,
           concat(
               CASE WHEN coalesce(DATE '0001-01-01' + f.score / 16, c.created_on) >= %(cutoff)s
                    THEN '|active' END,
               CASE WHEN d.is_debtor THEN '|debtor' END,
               CASE WHEN d.is_creditor THEN '|creditor' END,
               CASE WHEN c.kind = 'structure' THEN '|structure' END,
               CASE WHEN r.contact_id IS NOT NULL THEN '|role' END,
               CASE WHEN h.by_hold THEN '|hold' END,
               CASE WHEN h.by_restriction THEN '|restriction' END,
               CASE WHEN h.by_request THEN '|request' END,
               CASE WHEN f.marks & 2 > 0 THEN '|open_order' END
           ) AS reasons
    FROM contact AS c
    LEFT JOIN contact_fact AS f ON f.contact_id = c.id
    LEFT JOIN debt AS d ON d.contact_id = c.id
    LEFT JOIN held AS h ON h.contact_id = c.id
    LEFT JOIN role_holder AS r ON r.contact_id = c.id
),
decision AS (
    SELECT id AS contact_id, contact_number, recency_on,
           CASE activity_rank WHEN 1 THEN 'option_acquired' WHEN 2 THEN 'option_confirmed'
               WHEN 3 THEN 'reservation' WHEN 4 THEN 'sale' WHEN 5 THEN 'waiting_list'
               WHEN 6 THEN 'click' WHEN 7 THEN 'criterion' WHEN 8 THEN 'authorisation'
               ELSE 'created' END AS activity,
           CASE WHEN reasons <> '' THEN 'keep' WHEN bought_or_benefited THEN 'anonymise'
               ELSE 'delete' END AS outcome,
           nullif(substr(reasons, 2), '') AS reasons,
           bought_or_benefited, sale_to_come, erasure_asked  -- the last two matter by hand alone
    FROM judged
)
