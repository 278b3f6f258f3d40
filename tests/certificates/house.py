"""A run from simulation to its end, whose record and certificate tests look at."""

from __future__ import annotations

from pathlib import Path

from fadeout.core import clock
from fadeout.institution import operations as institution
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.runs.brakes import Lifting
from fadeout.runs.models import Run
from tests import support
from tests.model.house import House
from tests.plans.house import RECENT, contact, house, sale

REASON = "The first run: many years at once."


def some_people() -> House:
    """Two to delete, one to anonymise, two to keep."""
    return house(
        contact("prospect", first_name="Paul", email="paul@example.org"),
        contact("another"),
        contact("buyer", first_name="Ann", last_name="Ace", town="Genève", country="CH"),
        *sale("O1", "buyer"),
        contact("kept", created_at=RECENT),
        contact("also kept", created_at=RECENT),
    )


def planned(folder: Path) -> Plan:
    """A plan that Ada simulated and Bo approved."""
    if not folder.exists():
        support.imported(some_people(), folder)
    plan = support.simulated(now=clock.now())
    plans.approve(
        plan=plan, by=support.operator("Bo"), typed=plan_queries.struck_by(plan),
        today=support.AS_OF, now=support.NOW,
    )  # fmt: skip
    return plan


def ran(folder: Path) -> Run:
    """A run that Cy began, over a brake that Ruth lifted."""
    support.founded()
    institution.change_policy(
        changes={"largest_share": 20}, by=support.operator("Head"), now=support.NOW
    )
    plan = planned(folder)
    lifting = Lifting(reason=REASON, by=support.operator("Ruth"))
    return support.run(plan, by=support.operator("Cy"), now=clock.now(), lifting=lifting)
