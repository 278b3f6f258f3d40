"""A house with plans and runs for tests of pages: what is there, as numbers for addresses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from fadeout.core import clock
from fadeout.institution import operations as institution
from fadeout.institution.models import Operator
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.runs.models import Run
from tests import support
from tests.plans.house import contact, house, sale

LAST_NAMES = ("Abend", "Bader", "Cramer", "Dorn", "Egli", "Frey")
DUE = len(LAST_NAMES)


def furnished(folder: Path, *more: Any) -> None:
    """Four to delete, two to anonymise; whoever else is asked for."""
    support.imported(
        house(
            *(
                contact(f"due {n}", first_name="Nora", last_name=name)
                for n, name in enumerate(LAST_NAMES)
            ),
            *sale("O1", "due 0"), *sale("O2", "due 1"), *more,
        ),
        folder,
    )  # fmt: skip


def fresh(by: Operator | None = None) -> Plan:
    """A plan of this moment, made by somebody, or by Ada."""
    now = clock.now()
    return support.simulated(as_of=clock.local_day(now, support.TIME_ZONE), now=now, by=by)


def approved(plan: Plan, by: Operator | None = None) -> Plan:
    """Approved by somebody at this moment."""
    now = clock.now()
    plans.approve(
        plan=plan, by=by or support.operator("Eve"), typed=plan_queries.struck_by(plan),
        today=clock.local_day(now, support.TIME_ZONE), now=now,
    )  # fmt: skip
    return plan


def done() -> Run:
    """A run that is done."""
    return support.run(approved(fresh()), now=clock.now())


def asks_two_people() -> None:
    """Somebody else than the author approves from here on."""
    institution.change_policy(changes={"two_people": True}, by=support.operator(), now=clock.now())


def long_ago(plan: Plan, days: int) -> Plan:
    """As if it had been made so many days ago."""
    plan.created_at -= timedelta(days=days)
    plan.save(update_fields=["created_at"])
    return plan
