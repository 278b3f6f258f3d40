"""A run killed at any step and started again ends like one that was never killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from fadeout.connectors.exchange.operations import import_exchange
from fadeout.demo import house as demo_house
from fadeout.plans.models import Plan
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests import forked, support
from tests.conftest import Mould, moulded, own_database
from tests.forked import Ended
from tests.runs import killed
from tests.runs.stages import STEPS
from tests.runs.states import state


@pytest.fixture(scope="module")
def prepared(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mould]:
    """An approved plan of an invented house."""
    with moulded(server, tmp_path_factory.mktemp("prepared"), prepare) as mould:
        yield mould


def prepare(folder: Path) -> None:
    support.founded()
    demo_house.invent(folder / "in", contacts=150, today=support.AS_OF)
    import_exchange(path=folder / "in", now=support.NOW, erased=support.tokens())
    support.approved(support.simulated())


@pytest.fixture
def plan(server: str, prepared: Mould, tmp_path: Path) -> Iterator[Plan]:
    with own_database(server, tmp_path, like=prepared):
        yield Plan.objects.get()


def run_in_a_process(plan: Plan, step: str, at_call: int, folder: Path) -> Ended:
    return forked.process(
        killed.run, plan.pk, step, at_call, environment=os.environ, heard=folder / "heard"
    )


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    return {}


@pytest.mark.parametrize("at_call", [1, 3])
@pytest.mark.parametrize("step", ["never", *STEPS])
def test_a_killed_run_goes_on_and_ends_like_an_undisturbed_one(
    plan: Plan, tmp_path: Path, undisturbed: dict[str, object], step: str, at_call: int
) -> None:
    if step == "before the audits" and at_call > 1:
        at_call = 1  # there is one audit
    assert plan.totals["outcomes"]["delete"] > 6
    assert plan.totals["outcomes"]["anonymise"] > 6

    first = run_in_a_process(plan, step, at_call, tmp_path)
    if step != "never":
        assert first.code == -signal.SIGKILL, first.said
        assert Run.objects.get().state == "running"
        second = run_in_a_process(plan, "never", 0, tmp_path)
        assert second == Ended(0, "done\n")
    else:
        assert first == Ended(0, "done\n")

    ended = state()
    assert ended == undisturbed.setdefault("state", ended)
    struck = queries.standing(Run.objects.get()).struck
    assert struck > 12
    assert support.tokens().count() == 2 * struck
    assert date.today() > support.AS_OF  # noqa: DTZ011 - the plan's day has passed: it could be approved
