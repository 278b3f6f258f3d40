"""What a run leaves in the database, to be compared row for row."""

from __future__ import annotations

from fadeout.core import sql

#: All tables whose rows a run changes, without what is new and random in every run.
STATE = {
    "contacts": "SELECT id, kind, first_name, email, postcode, town, country, coarse_origin,"
    " created_at, created_by_id, anonymised_on FROM contacts_contact ORDER BY id",
    "orders": "SELECT * FROM sales_order ORDER BY id",
    "lines": "SELECT * FROM sales_order_line ORDER BY id",
    "answers": "SELECT * FROM sales_answer ORDER BY id",
    "entries": "SELECT * FROM sales_account_entry ORDER BY id",
    "waiting": "SELECT * FROM sales_waiting_list_entry ORDER BY id",
    "clicks": "SELECT * FROM links_click ORDER BY id",
    "criteria": "SELECT * FROM contacts_criterion ORDER BY id",
    "authorisations": "SELECT * FROM contacts_authorisation ORDER BY id",
    "holds": "SELECT * FROM contacts_hold ORDER BY id",
    "notes": "SELECT * FROM contacts_note ORDER BY id",
    "rows": "SELECT * FROM plans_plan_row ORDER BY id",
    "run": "SELECT state, audits FROM runs_run",
}

State = dict[str, list[tuple[object, ...]]]


def state() -> State:
    return {name: sql.rows(query) for name, query in STATE.items()}
