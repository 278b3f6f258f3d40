"""A run by hand: who may no longer be forgotten is kept at the last moment; killed, it goes on."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from fadeout.plans.models import Plan
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests import support
from tests.forked import Ended
from tests.model.house import Contact
from tests.plans.by_hand import FORBIDDEN, WARNED
from tests.plans.house import contact, contact_ids, house, sale, states
from tests.runs.stages import STEPS
from tests.runs.states import state
from tests.runs.test_crashes import run_in_a_process


def test_whoever_may_no_longer_be_forgotten_is_kept_with_the_reason(
    database: str, tmp_path: Path
) -> None:
    names = [*FORBIDDEN, *WARNED]
    support.imported(house(*map(contact, names)), tmp_path / "before")
    plan = support.approved(support.forgotten(*names))
    assert plan.totals["outcomes"] == {"delete": len(names), "anonymise": 0, "keep": 0}
    by_id = {number: name for name, number in contact_ids().items()}
    rows = [row for rows in FORBIDDEN.values() for row in rows]
    rows += [
        replace(row, created_at=contact("x").created_at) if isinstance(row, Contact) else row
        for _, rows_of_it in WARNED.values()
        for row in rows_of_it
    ]
    support.import_folder(house(*rows).write_csv(tmp_path / "after"))

    run = support.run(plan)

    assert run.state == "done"
    kept = states(plan, by_id)
    assert kept == {
        **{reason: ("requalified", reason) for reason in FORBIDDEN},
        "structure": ("requalified", "anonymise"),  # bought since: nobody confirmed that outcome
    }
    assert contact_ids().keys() == kept.keys()
    assert support.tokens().count() == 2 * 2


def prepared(folder: Path) -> Plan:
    bought = (row for n in range(8) for row in (contact(f"b{n}"), *sale(f"O{n}", f"b{n}")))
    support.imported(house(*(contact(f"c{n}") for n in range(8)), *bought), folder)
    numbers = [f"{kind}{n}" for kind in "bc" for n in range(8)]
    return support.approved(support.forgotten(*numbers))


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    return {}


@pytest.mark.parametrize("step", ["never", *(s for s in STEPS if s != "in the ticket part")])
def test_a_killed_run_by_hand_goes_on_and_ends_like_an_undisturbed_one(
    database: str, tmp_path: Path, undisturbed: dict[str, object], step: str
) -> None:
    plan = prepared(tmp_path / "in")
    first = run_in_a_process(plan, step, 1 if step == "before the audits" else 2, tmp_path)
    if step != "never":
        assert first.code == -signal.SIGKILL, first.said
        assert Run.objects.get().state == "running"
        first = run_in_a_process(plan, "never", 0, tmp_path)
    assert first == Ended(0, "done\n")

    ended = state()
    assert ended == undisturbed.setdefault("state", ended)
    assert queries.standing(Run.objects.get()).struck == 16
    assert support.tokens().count() == 32
