"""Strikes contacts and clears expired tickets. This cannot be undone.

What could go wrong, and what prevents it:

- The wrong contact is struck: callers lock the contacts and decide again under the locks before
  they call; this module strikes exactly what it is given, within the caller's transaction.
- A table is forgotten: all statements come from the catalogue (:mod:`fadeout.erasure.statements`).
- Half of a contact is struck: there is no commit here; the caller's transaction holds all of it.
- Money or counts change: no statement can name a column that the catalogue keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from psycopg.sql import Composable

from fadeout.core import sql
from fadeout.erasure import finding, references, statements
from fadeout.erasure.statements import Statement
from fadeout.policy.outcomes import Outcome

Removed = Counter[str]
REACH = (
    ("scope_orderings", "scope_ordering"),
    ("scope_orders", "scope_order"),
    ("scope_bought_lines", "scope_bought_line"),
    ("scope_tickets", "scope_ticket"),
    ("scope_lines", "scope_line"),
)
FREE_ROWS = {
    "line": "FOR UPDATE OF l SKIP LOCKED",
    "order": "FOR UPDATE OF o SKIP LOCKED",
}
SCOPE_TABLES = (
    "scope_contact", "scope_ordering", "scope_ticket", "scope_order", "scope_line", "scope_bought_line",
    "scope_row",
)  # fmt: skip
#: Takes what is about to be removed before it is: for each contact, or order, its id and a text.
Seal = Callable[[Sequence[tuple[int, str]]], None]


class ChangedMeanwhileError(Exception):
    """A row is no longer what was found, and sealed: nothing of the transaction may stay. Try again."""


def strike(
    *, outcomes: Mapping[int, str], time_zone: str, today: date, seal: Seal | None = None
) -> Removed:
    """Delete and anonymise contacts with all that hangs on them; counts rows by table.

    Args:
        outcomes: contact id -> ``delete`` or ``anonymise``; locked and decided by the caller.
        time_zone: of the institution; the year of creation is a local year.
        today: written to the anonymous rows.
        seal: is given what is about to be removed, contact by contact.

    Must run inside a transaction.

    Raises:
        ValueError: another outcome than these two.
        ChangedMeanwhileError: somebody changed a row between the finding and the striking.
    """
    if unknown := set(outcomes.values()) - {Outcome.DELETE, Outcome.ANONYMISE}:
        raise ValueError(f"contacts cannot be struck with outcome {sorted(unknown)}")
    empty_scopes()
    _fill_contacts(outcomes)
    reach_from_contacts()
    _find(finding.of_a_stroke(), seal)
    return _carry_out(statements.of_a_stroke(), {"time_zone": time_zone, "today": today})


def clear_expired_lines(
    *, cutoff: date, time_zone: str, after: int, limit: int, seal: Seal | None = None
) -> tuple[Removed, int]:
    """Empty what was typed on lines that ended before the cutoff; returns counts and the last id.

    The last id is 0 when nothing was left to do.
    """
    return _clear(
        "line", {"cutoff": cutoff, "time_zone": time_zone, "after": after, "limit": limit}, seal
    )


def clear_expired_orders(
    *, cutoff: date, time_zone: str, after: int, limit: int, seal: Seal | None = None
) -> tuple[Removed, int]:
    """Empty remark and IP address of orders all of whose lines are that old; as above."""
    return _clear(
        "order", {"cutoff": cutoff, "time_zone": time_zone, "after": after, "limit": limit}, seal
    )


def count_removals(*, plan_rows: str, parameters: Mapping[str, Any]) -> dict[str, int]:
    """How many rows of each table a stroke would remove or change; changes nothing.

    Args:
        plan_rows: a SELECT of contact_id and outcome, the contacts to be struck.
        parameters: its parameters, with ``cutoff`` and ``time_zone`` where the ticket part comes
            with the stroke.
    """
    empty_scopes()
    sql.execute(f"INSERT INTO scope_contact (contact_id, outcome) {plan_rows}", parameters)
    if "cutoff" in parameters:
        _reach_expired(parameters)
    reach_from_contacts()
    counted = _count(step for step in statements.of_a_stroke() if step.in_totals)
    empty_scopes()
    return dict(+counted)


def empty_scopes() -> None:
    """Make the scopes of this session, empty."""
    with connection.cursor() as cursor:
        cursor.execute(sql.load("erasure", "create_scopes"))
        cursor.execute(f"TRUNCATE {', '.join(SCOPE_TABLES)}")


def reach_from_contacts() -> None:
    """From the contacts in scope to their orders and lines."""
    sql.execute("ANALYZE scope_contact")
    for scope, filled in REACH:
        sql.execute(sql.load("erasure", scope))
        sql.execute(f"ANALYZE {filled}")


def _fill_contacts(outcomes: Mapping[int, str]) -> None:
    sql.execute(
        "INSERT INTO scope_contact (contact_id, outcome)"
        " SELECT * FROM unnest(%(ids)s::bigint[], %(outcomes)s::text[])",
        {"ids": list(outcomes), "outcomes": list(outcomes.values())},
    )


def _reach_expired(parameters: Mapping[str, Any]) -> None:
    everything = dict(parameters) | {"after": 0, "limit": None}
    for scope in ("scope_expired_lines", "scope_expired_orders"):
        sql.execute(sql.load("erasure", scope), everything)
    sql.execute(sql.load("erasure", "scope_expired_bought_lines"))


def _clear(kind: str, parameters: Mapping[str, Any], seal: Seal | None) -> tuple[Removed, int]:
    empty_scopes()
    # What somebody else holds is not waited for; a later round or the audits find it.
    sql.execute(sql.load("erasure", f"scope_expired_{kind}s") + FREE_ROWS[kind], parameters)
    last = sql.rows(f"SELECT coalesce(max({kind}_id), 0) FROM scope_{kind}")[0][0]  # noqa: S608
    if last == 0:
        return Counter(), 0
    if kind == "line":
        sql.execute(sql.load("erasure", "scope_expired_bought_lines"))
    sql.execute(f"ANALYZE {', '.join(SCOPE_TABLES)}")
    _find(finding.of_expiry(), seal)
    return _carry_out(statements.of_expiry(), {}), last


def _find(statement: Composable, seal: Seal | None) -> None:
    sql.execute(_text(statement))
    # Not the parts: statistics keep samples of values, and outlive the rows.
    sql.execute("ANALYZE scope_row (step, row_id, owner_id)")
    if seal is not None:
        seal([(owner, text) for owner, text in sql.rows(sql.load("erasure", "select_records"))])


def _carry_out(steps: Iterable[Statement], parameters: Mapping[str, Any]) -> Removed:
    removed: Counter[str] = Counter()
    found = dict(sql.rows(sql.load("erasure", "count_found")))
    for step in steps:
        if step.number not in found:
            continue
        if step.removes_contacts:
            touched = references.delete_contacts(_text(step.changes))
        else:
            touched = sql.execute(_text(step.changes), parameters)
        if step.table != statements.CONTACTS and touched != found[step.number]:
            raise ChangedMeanwhileError
        removed[step.table] += touched if step.in_totals else 0
    return +removed


def _count(steps: Iterable[Statement]) -> Removed:
    counted: Counter[str] = Counter()
    for step in steps:
        counted[step.table] += sql.rows(_text(step.counts))[0][0]
    return counted


def _text(composed: Composable) -> str:
    return str(composed.as_string(connection.connection))


def count_left_of_anonymised() -> dict[str, int]:
    """What a second stroke on all anonymised contacts would still find, by table; all zero if well."""
    empty_scopes()
    sql.execute(
        "INSERT INTO scope_contact SELECT id, 'anonymised' FROM contacts_contact"
        " WHERE anonymised_on IS NOT NULL"
    )
    reach_from_contacts()
    counted = _count(statements.of_a_stroke())
    empty_scopes()
    return dict(counted)


def count_expired(*, cutoff: date, time_zone: str) -> int:
    """How many lines and orders older than the cutoff still hold what was typed."""
    empty_scopes()
    _reach_expired({"cutoff": cutoff, "time_zone": time_zone})
    found: int = sql.rows(
        "SELECT (SELECT count(*) FROM scope_line) + (SELECT count(*) FROM scope_order)"
    )[0][0]
    empty_scopes()
    return found
