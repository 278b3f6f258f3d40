"""While a house sells on: only who is on the plan, and still due when struck, is struck."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fadeout.core import clock, sql
from fadeout.plans.models import Plan
from fadeout.runs import queries
from tests import support
from tests.conftest import Fadeout
from tests.model.house import (
    AccountEntry,
    Authorisation,
    Click,
    Criterion,
    Hold,
    House,
    Payment,
    WaitingListEntry,
    at,
)
from tests.plans.house import (
    OLD,
    RECENT,
    contact,
    contact_ids,
    house,
    line,
    order,
    sale,
    states,
)

#: What happens between approval and run -> why the contact is kept then. Every contact is a
#: prospect of long ago with an old reservation of 10.00 and a sale of 10.00, paid, of the past.
AFTER_APPROVAL: dict[str, tuple[str, Callable[[str], tuple[Any, ...]]]] = {
    "buys": (
        "active",
        lambda who: (order(f"new {who}", who, ordered_at=RECENT), line(f"new {who}")),
    ),
    "is bought for": (
        "active",
        lambda who: (
            order(f"new {who}", None, cultural_contact=who, ordered_at=RECENT),
            line(f"new {who}"),
        ),
    ),
    "is given a ticket of old": (
        "active",
        lambda who: (
            order(f"new {who}", None),
            line(f"new {who}", product="play", valid_until=RECENT, beneficiary_contact=who),
        ),
    ),
    "confirms": (
        "active",
        lambda who: (line(f"old {who}", kind="option", price=Decimal(10), confirmed_at=RECENT),),
    ),
    "clicks": (
        "active",
        lambda who: (Click(click_number=who, contact_number=who, clicked_at=RECENT),),
    ),
    "waits": (
        "active",
        lambda who: (
            WaitingListEntry(
                entry_number=who, contact_number=who, organisation="shop", added_at=RECENT
            ),
        ),
    ),
    "agrees": (
        "active",
        lambda who: (Authorisation(contact_number=who, changed_at=RECENT, value="yes"),),
    ),
    "likes": ("active", lambda who: (Criterion(contact_number=who, changed_at=RECENT),)),
    "pays back too little": (
        "debtor",
        lambda who: (
            Payment(payment_number=f"new {who}", order_number=f"old {who}", amount=Decimal(-1)),
        ),
    ),
    "pays too much": (
        "creditor",
        lambda who: (
            AccountEntry(
                entry_number=who, contact_number=who, organisation="shop", amount=Decimal("0.01")
            ),
        ),
    ),
    "is held": ("hold", lambda who: (Hold(contact_number=who, reason="court"),)),
    "is restricted": ("restriction", lambda who: (Hold(contact_number=who, reason="restriction"),)),
    "asks": (
        "request",
        lambda who: (Hold(contact_number=who, reason="request", until=support.AS_OF),),
    ),
    "guides": ("role", lambda who: (contact(who, roles=("guide",)),)),
    "becomes a school": ("structure", lambda who: (contact(who, kind="structure"),)),
    "holds a seat": (
        "open_order",
        lambda who: (
            order(f"new {who}", who),
            line(f"new {who}", kind="reservation", valid_until=at("2026-06-01T00:00:00Z")),
        ),
    ),
    "does it all": (
        "active|hold|open_order",
        lambda who: (
            order(f"new {who}", who, ordered_at=RECENT),
            line(f"new {who}", kind="option"),
            Hold(contact_number=who, reason="x"),
        ),
    ),
    "bought long ago, as we learn": (
        "anonymise",
        lambda who: (order(f"new {who}", None, cultural_contact=who), line(f"new {who}")),
    ),
}
#: What is no reason to be kept.
NO_MATTER: dict[str, Callable[[str], tuple[Any, ...]]] = {
    "a scanner clicks": lambda who: (
        Click(click_number=who, contact_number=who, clicked_at=RECENT, automated=True),
    ),
    "says no": lambda who: (Authorisation(contact_number=who, changed_at=RECENT, value="no"),),
    "is imported a label": lambda who: (
        Criterion(contact_number=who, changed_at=RECENT, origin="import"),
    ),
    "is held no longer": lambda who: (
        Hold(contact_number=who, reason="court", until=date(2026, 5, 31)),
    ),
    "moves house": lambda who: (contact(who, street="New Street 1"),),
}


def before_approval() -> House:
    rows: list[Any] = []
    for who in (*AFTER_APPROVAL, *NO_MATTER):
        rows.append(contact(who))
        rows += [order(f"old {who}", who), line(f"old {who}", kind="option", price=Decimal(10))]
    return house(*rows)


def after_approval() -> House:
    rows = [row for who, (_, happens) in AFTER_APPROVAL.items() for row in happens(who)]
    return house(*rows, *(row for who, happens in NO_MATTER.items() for row in happens(who)))


def test_who_is_no_longer_due_is_kept_untouched_and_with_the_reason(
    database: str, tmp_path: Path
) -> None:
    support.imported(before_approval(), tmp_path / "before")
    plan = support.approved(support.simulated())
    everybody = len(AFTER_APPROVAL) + len(NO_MATTER)
    assert plan.totals["outcomes"] == {"delete": everybody, "anonymise": 0, "keep": 0}
    names = {number: name for name, number in contact_ids().items()}
    support.imported(after_approval(), tmp_path / "after")
    kept_ids = [number for number, name in names.items() if name in AFTER_APPROVAL]
    about_the_kept = whole_rows_of(kept_ids)
    assert len(about_the_kept) > 2 * len(AFTER_APPROVAL)

    run = support.run(plan)

    assert run.state == "done"
    assert states(plan, names) == {
        who: ("requalified", reason) for who, (reason, _) in AFTER_APPROVAL.items()
    }
    standing = queries.standing(run)
    assert (standing.struck, standing.requalified, standing.left) == (
        len(NO_MATTER), len(AFTER_APPROVAL), 0,
    )  # fmt: skip
    assert whole_rows_of(kept_ids) == about_the_kept
    assert contact_ids().keys() == AFTER_APPROVAL.keys()


def whole_rows_of(contacts: list[int]) -> list[str]:
    """Every row that hangs on these contacts by its contact, and themselves."""
    tables = {
        "contacts_contact": "id", "contacts_role": "contact_id", "contacts_hold": "contact_id",
        "contacts_criterion": "contact_id", "contacts_authorisation": "contact_id",
        "links_click": "contact_id", "sales_waiting_list_entry": "contact_id",
        "sales_account_entry": "contact_id", "sales_order": "purchase_contact_id",
        "sales_order_line": "beneficiary_contact_id",
    }  # fmt: skip
    return [
        row
        for table, column in tables.items()
        for (row,) in sql.rows(
            f"SELECT t::text FROM {table} AS t WHERE {column} = ANY(%(c)s) ORDER BY id",
            {"c": contacts},
        )
    ]


def test_who_falls_due_only_after_the_simulation_is_left_alone(
    database: str, tmp_path: Path
) -> None:
    held = Hold(contact_number="held until then", reason="court")
    support.imported(house(contact("due"), contact("held until then"), held), tmp_path / "before")
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"] == {"delete": 1, "anonymise": 0, "keep": 1}
    support.imported(
        house(
            contact("a newcomer of long ago"),
            *sale("O1", "a newcomer of long ago"),
            contact("held until then"),
            replace(held, until=date(2020, 1, 1)),
        ),
        tmp_path / "after",
    )
    assert support.simulated().totals["outcomes"] == {"delete": 2, "anonymise": 1, "keep": 0}

    assert support.run(plan).state == "done"

    assert contact_ids().keys() == {"a newcomer of long ago", "held until then"}
    assert sql.rows("SELECT count(*) FROM contacts_contact WHERE anonymised_on IS NOT NULL") == [
        (0,)
    ]


# -- Locks ------------------------------------------------------------------------------------


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    support.imported(
        house(contact("A"), contact("B"), contact("C"), *sale("O1", "C")), tmp_path / "in"
    )
    made = support.approved(support.simulated(now=clock.now()))
    assert made.totals["outcomes"] == {"delete": 2, "anonymise": 1, "keep": 0}
    return made


@contextmanager
def held_for(seconds: float, database: str, *statements: str) -> Iterator[None]:
    """The box office: a transaction of its own that does something and commits after a while."""
    with psycopg.connect(database) as other:
        for statement in statements:
            other.execute(statement)

        def let_go() -> None:
            time.sleep(seconds)
            other.commit()

        thread = threading.Thread(target=let_go)
        thread.start()
        try:
            yield
        finally:
            thread.join()


def test_a_contact_that_is_locked_is_tried_again_and_struck_once_it_is_free(
    plan: Plan, database: str
) -> None:
    began = time.monotonic()
    with held_for(
        1.5, database, "SELECT 1 FROM contacts_contact WHERE contact_number = 'A' FOR UPDATE"
    ):
        run = support.run(plan)
    assert time.monotonic() - began > 1.5
    assert run.state == "done"
    assert queries.standing(run).struck == 3


def test_an_order_that_is_locked_for_a_moment_is_waited_for(plan: Plan, database: str) -> None:
    with held_for(1.0, database, "SELECT 1 FROM sales_order FOR UPDATE"):
        run = support.run(plan)
    assert run.state == "done"
    assert queries.standing(run).struck == 3


def test_somebody_who_is_buying_at_this_very_moment_is_safe(plan: Plan, database: str) -> None:
    names = {number: name for name, number in contact_ids().items()}
    buys = (
        "SELECT 1 FROM contacts_contact WHERE contact_number = 'A' FOR KEY SHARE",
        "INSERT INTO sales_order (order_number, organisation_id, purchase_contact_id, ordered_at,"
        " currency, is_emptied) SELECT 'new', o.id, c.id, '2026-05-31T12:00:00Z', 'CHF', FALSE"
        " FROM sales_organisation AS o, contacts_contact AS c"
        " WHERE o.code = 'opera' AND c.contact_number = 'A'",
        "INSERT INTO sales_order_line (order_id, line, product_id, kind, state, price, is_emptied)"
        " SELECT o.id, 1, p.id, 'sale', 'standing', 0, FALSE FROM sales_order AS o,"
        " sales_product AS p WHERE o.order_number = 'new' AND p.code = 'play'",
    )
    with held_for(1.5, database, *buys):
        run = support.run(plan)
    assert run.state == "done"
    assert states(plan, names) == {"A": ("requalified", "active")}
    assert "A" in contact_ids()


def test_somebody_whose_option_is_being_confirmed_is_safe(database: str, tmp_path: Path) -> None:
    """Confirming touches the line alone, not the contact."""
    support.imported(
        house(contact("A"), order("O1", "A"), line("O1", kind="option")), tmp_path / "in"
    )
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"] == {"delete": 1, "anonymise": 0, "keep": 0}
    names = {number: name for name, number in contact_ids().items()}
    confirms = "UPDATE sales_order_line SET confirmed_at = '2026-05-31T12:00:00Z'"
    with held_for(1.0, database, confirms):
        run = support.run(plan)
    assert run.state == "done"
    assert states(plan, names) == {"A": ("requalified", "active")}


def test_a_run_that_cannot_have_a_contact_ends_incomplete_and_goes_on_later(
    plan: Plan, database: str, fadeout: Fadeout
) -> None:
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM contacts_contact WHERE contact_number = 'A' FOR UPDATE")
        first = fadeout("run", str(plan.pk), "--yes", "3")
        assert first.returncode == 1, first.stderr
        assert "incomplete" in first.stdout + first.stderr
        assert contact_ids().keys() >= {"A"}
        run = queries.of_plan(plan)
        assert run is not None
        standing = queries.standing(run)
        assert (standing.state, standing.struck, standing.left) == ("incomplete", 2, 1)
    wrong = fadeout("run", str(plan.pk), "--yes", "1")
    assert wrong.returncode == 2, "N counts all of the plan, also when going on"
    assert queries.standing(run).left == 1
    second = fadeout("run", str(plan.pk), "--yes", "3")
    assert second.returncode == 0, second.stderr
    assert "A" not in contact_ids()
    run.refresh_from_db()
    standing = queries.standing(run)
    assert (standing.state, standing.struck, standing.left) == ("done", 3, 0)


NEW_ORDER = (
    "INSERT INTO sales_order (order_number, organisation_id, ordered_at, currency, is_emptied)"
    " SELECT '{}', id, now(), 'CHF', FALSE FROM sales_organisation WHERE code = 'opera'"
)


def test_an_order_that_was_begun_before_the_run_and_sold_during_it_is_no_finding(
    plan: Plan, database: str
) -> None:
    """It has a smaller number than one that is there when the run begins."""
    keeps_the_run_waiting = "SELECT 1 FROM contacts_contact WHERE contact_number = 'A' FOR UPDATE"
    with (
        held_for(3.0, database, keeps_the_run_waiting),
        held_for(1.0, database, NEW_ORDER.format("begun first")),
    ):
        sql.execute(NEW_ORDER.format("sold first"))
        run = support.run(plan)
    assert sql.rows("SELECT order_number FROM sales_order ORDER BY id")[-2:] == [
        ("begun first",), ("sold first",),
    ]  # fmt: skip
    assert run.state == "done", run.audits


def test_old_tickets_are_cleared_beside_a_sale_of_today(database: str, tmp_path: Path) -> None:
    old = line("O1", beneficiary_first_name="Zoë")
    support.imported(house(order("O1", None, remark="old", ordered_at=OLD), old), tmp_path / "in")
    plan = support.approved(support.simulated())
    with held_for(1.0, database, "SELECT 1 FROM sales_order_line FOR UPDATE"):
        run = support.run(plan)
    assert run.state == "done"
    assert sql.rows("SELECT remark FROM sales_order") == [(None,)]
    assert sql.rows("SELECT beneficiary_first_name FROM sales_order_line") == [(None,)]
