"""What several tests need: a house in the database, a plan, an approval, a run."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import paths
from fadeout.institution import operations as institution
from fadeout.institution import queries as institution_queries
from fadeout.institution.models import Institution, Operator, PolicyVersion
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import forgetting
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.plans.forgetting import Named
from fadeout.plans.models import Plan
from fadeout.runs import operations as runs
from fadeout.runs.models import Run
from fadeout.vault.keyring import Keyring, new_identity
from tests.model.house import House, at

NOW = at("2026-06-01T10:00:00Z")
AS_OF = date(2026, 6, 1)
TIME_ZONE = "Europe/Zurich"
#: Support's key pair: runs seal for it; only tests of recovery open anything.
IDENTITY, RECIPIENT = new_identity()


def founded() -> Institution:
    """The house of the tests."""
    house = institution.found(name="Theatre", time_zone=TIME_ZONE, currency="CHF", now=NOW)
    let_strike_all()
    keyring().set_recipient(RECIPIENT, replace=True)
    return house


def let_strike_all() -> None:
    """Small as the houses of tests are, their runs strike large shares of them."""
    if not PolicyVersion.objects.filter(number__gt=1).exists():
        changes = {"largest_share": 100, "largest_growth": 10_000}
        institution.change_policy(changes=changes, by=operator(), now=NOW)


def operator(name: str = "Ada") -> Operator:
    return institution.operator(name=name, now=NOW)


def tokens() -> ErasedTokens:
    return institution.erased_tokens(institution_queries.current(), paths.keys())


def keyring() -> Keyring:
    return Keyring(paths.keys())


def imported(house: House, folder: Path) -> Institution:
    """Found the institution if need be, and import a house into it."""
    institution_row = founded()
    import_folder(house.write_csv(folder))
    return institution_row


def import_folder(folder: Path) -> None:
    """Import what lies in a folder."""
    import_exchange(path=folder, now=NOW, erased=tokens())


def simulated(
    *, as_of: date = AS_OF, months: int = 36, now: datetime = NOW, by: Operator | None = None
) -> Plan:
    return plans.simulate(
        house=institution_queries.current(),
        policy=institution_queries.policy_in_force(),
        by=by or operator(),
        as_of=as_of,
        months=months,
        now=now,
    )


def forgotten(*numbers: str, now: datetime = NOW) -> Plan:
    """A plan to forget these contacts by hand."""
    return forgetting.plan_forgetting(
        [Named(f"argument {n}", number) for n, number in enumerate(numbers, start=1)],
        house=institution_queries.current(),
        policy=institution_queries.policy_in_force(),
        by=operator(),
        today=AS_OF,
        now=now,
    )


def approved(plan: Plan) -> Plan:
    plans.approve(
        plan=plan, by=operator(), typed=plan_queries.struck_by(plan), today=AS_OF, now=NOW
    )
    return plan


def run(plan: Plan, **more: Any) -> Run:
    known = {"by": operator(), "now": NOW, "keyring": keyring()} | more
    return runs.run_plan(plan=plan, house=institution_queries.current(), tokens=tokens(), **known)
