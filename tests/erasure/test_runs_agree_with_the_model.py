"""Import, simulate, approve, run, export: what is left is what the plain model says is left."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from fadeout.connectors.exchange.operations import export_exchange, import_exchange
from fadeout.core import sql
from fadeout.core.catalogue import declaration
from fadeout.institution import operations as institution
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.reports.queries import origin
from fadeout.runs import operations as runs
from tests import support
from tests.model.house import ROW_TYPES, Contact, House, key, read_csv
from tests.model.rules import after_run, exported, simulate
from tests.model.strategies import Case, cases

ANONYMOUS = (
    "kind", "title", "first_name", "last_name", "birth_date", "language", "email", "phone", "mobile",
    "street", "street2", "postcode", "town", "country", "login", "email_validated_at", "remark",
    "created_at",
)  # fmt: skip
folders = count()


def empty() -> None:
    """Forget everything; what comes next is a house of its own."""
    tables = ", ".join(f'"{table}"' for table in declaration.tables())
    sql.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


def run_all(case: Case, folder: Path, before_the_run: Callable[[], None] = lambda: None) -> House:
    """The whole way, with keys of its own; the house as it is exported in the end."""
    empty()
    os.environ["FADEOUT_KEYS"] = str(folder / "keys")  # put back by the fixture of the database
    house = institution.found(
        name="Model", time_zone=case.time_zone, currency=case.house.currency, now=support.NOW
    )
    support.let_strike_all()
    support.keyring().set_recipient(support.RECIPIENT, replace=True)
    tokens = institution.erased_tokens(house, folder / "keys")
    assert isinstance(tokens, ErasedTokens)
    import_exchange(path=case.house.write_csv(folder / "in"), now=support.NOW, erased=tokens)
    origins = origin(time_zone=case.time_zone)
    plan = plans.simulate(
        house=house, policy=support.institution_queries.policy_in_force(), by=support.operator(),
        as_of=case.as_of, months=case.months, now=support.NOW,
    )  # fmt: skip
    plans.approve(
        plan=plan, by=support.operator(), typed=plan_queries.struck_by(plan), today=case.as_of,
        now=support.NOW,
    )  # fmt: skip
    before_the_run()
    run = runs.run_plan(
        plan=plan, house=house, by=support.operator(), tokens=tokens,
        keyring=support.keyring(), now=support.NOW,
    )  # fmt: skip
    assert run.state == "done", run.audits
    assert origin(time_zone=case.time_zone) == origins
    assert tokens.count() == 2 * plan_queries.struck_by(plan)
    export_exchange(path=folder / "out")
    return read_csv(folder / "out", currency=case.house.currency)


def in_order(rows: tuple[Any, ...]) -> list[Any]:
    """Rows by key; the roles of a contact have no order."""
    told = [
        replace(row, roles=tuple(sorted(row.roles))) if isinstance(row, Contact) else row
        for row in rows
    ]
    return sorted(told, key=lambda row: tuple(map(str, key(row))))


def anonymous_rows(house: House) -> Counter[tuple[Any, ...]]:
    return Counter(
        tuple(getattr(contact, name) for name in ANONYMOUS)
        for contact in house.contacts
        if contact.is_anonymous
    )


def stored_anonymous_rows(time_zone: str) -> Counter[tuple[Any, ...]]:
    found = sql.rows(
        f"SELECT {', '.join(ANONYMOUS)} FROM contacts_contact WHERE anonymised_on IS NOT NULL"
        " AND structure_id IS NULL AND created_by_id IS NULL"
    )
    return Counter((*row[:-1], row[-1].astimezone(ZoneInfo(time_zone))) for row in found)


@pytest.fixture
def place(database: str, tmp_path: Path) -> Path:
    return tmp_path


@settings(
    max_examples=int(os.environ.get("FADEOUT_EXAMPLES", "30")),
    derandomize="FADEOUT_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,  # every example begins with empty tables
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(case=cases())
def test_what_a_run_leaves_is_what_the_model_says(place: Path, case: Case) -> None:
    folder = place / str(next(folders))
    left = run_all(case, folder)
    rows = simulate(case.house, **case.parameters)
    expected = after_run(case.house, rows, **case.parameters)
    told = exported(expected)
    for name in ROW_TYPES:
        assert in_order(getattr(left, name)) == in_order(getattr(told, name)), name
    assert stored_anonymous_rows(case.time_zone) == anonymous_rows(expected)
    kept = [row for row in rows if row.outcome == "keep"]
    assert simulate(left, **case.parameters) == kept
    shutil.rmtree(folder)
