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
from dataclasses import dataclass
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
EXPIRE = ("line", "order")
#: What somebody else holds is not waited for; a later round or the audits find it.
FREE_ROWS = {
    "line": "AND l.id = ANY(%(ids)s) FOR UPDATE OF l SKIP LOCKED",
    "order": "AND o.id = ANY(%(ids)s) FOR UPDATE OF o SKIP LOCKED",
}
SCOPE_TABLES = (
    "scope_contact", "scope_ordering", "scope_ticket", "scope_order", "scope_line", "scope_bought_line",
    "scope_row",
)  # fmt: skip
#: Takes what is about to be removed before it is: for each contact, or order, its id and a text.
Seal = Callable[[Sequence[tuple[int, str]]], None]


@dataclass(frozen=True)
class Expiry:
    """What is old: whatever ended on a day of the institution's time zone before the cutoff."""

    cutoff: date
    time_zone: str


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


def find_expired(expiry: Expiry) -> int:
    """Find all lines and orders that are old and still hold what was typed; counts them.

    This session keeps what is found, and clears it chunk by chunk. To look for the next few each time reads
    whole tables as often as there are chunks, wherever the database sorts rather than walks an index.
    """
    _make_scopes()
    sql.execute("TRUNCATE expired_line, expired_order")
    found = sum(_insert_expired(kind, f"expired_{kind}", vars(expiry)) for kind in EXPIRE)
    sql.execute("ANALYZE expired_line, expired_order")
    return found


def clear_expired(
    kind: str, expiry: Expiry, *, after: int, limit: int, seal: Seal | None = None
) -> tuple[Removed, int]:
    """Empty what was typed on the next so many of what was found; returns counts and the last id.

    Args:
        kind: ``line``: what was typed on it, and its answers; ``order``: its remark and IP address.
        expiry: asked again of each, since a line may have got another day meanwhile.
        after: the last id of the chunk before.
        limit: how many at most.
        seal: is given what is about to be removed, order by order.

    The last id is 0 when nothing was left to do.
    """
    empty_scopes()
    ids = [found for (found,) in sql.rows(
        f"SELECT {kind}_id FROM expired_{kind} WHERE {kind}_id > %(after)s"  # noqa: S608
        f" ORDER BY {kind}_id LIMIT %(limit)s", {"after": after, "limit": limit},
    )]  # fmt: skip
    if not ids:
        return Counter(), 0
    if not _insert_expired(kind, f"scope_{kind}", vars(expiry) | {"ids": ids}, FREE_ROWS[kind]):
        return Counter(), ids[-1]
    if kind == "line":
        sql.execute(sql.load("erasure", "scope_expired_bought_lines"))
    sql.execute(f"ANALYZE {', '.join(SCOPE_TABLES)}")
    _find(finding.of_expiry(), seal)
    return _carry_out(statements.of_expiry(), {}), ids[-1]


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
    _make_scopes()
    sql.execute(f"TRUNCATE {', '.join(SCOPE_TABLES)}")


def _make_scopes() -> None:
    sql.execute(sql.load("erasure", "create_scopes"))


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
    for kind in EXPIRE:
        _insert_expired(kind, f"scope_{kind}", parameters)
    sql.execute(sql.load("erasure", "scope_expired_bought_lines"))


def _insert_expired(kind: str, into: str, bounds: Mapping[str, Any], which: str = "") -> int:
    return sql.execute(f"INSERT INTO {into} ({kind}_id) {_expired(kind)} {which}", bounds)


def _expired(kind: str) -> str:
    return sql.load("erasure", f"select_expired_{kind}s")


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


def count_expired(expiry: Expiry) -> int:
    """How many lines and orders are old and still hold what was typed."""
    count = "SELECT count(*) FROM ({}) AS expired"
    return sum(sql.rows(count.format(_expired(kind)), vars(expiry))[0][0] for kind in EXPIRE)
