"""A run killed at any step and started again ends like one that was never killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import sql
from fadeout.demo import house as demo_house
from fadeout.plans.models import Plan
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests import support
from tests.runs.killed import STEPS

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


def state() -> dict[str, list[tuple[object, ...]]]:
    return {name: sql.rows(query) for name, query in STATE.items()}


def prepared(folder: Path) -> Plan:
    support.founded()
    demo_house.invent(folder, contacts=150, today=support.AS_OF)
    import_exchange(path=folder, now=support.NOW, erased=support.tokens())
    return support.approved(support.simulated())


def run_in_a_process(plan: Plan, step: str, at_call: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.runs.killed", str(plan.pk), step, str(at_call)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    return {}


@pytest.mark.parametrize("at_call", [1, 3])
@pytest.mark.parametrize("step", ["never", *STEPS])
def test_a_killed_run_goes_on_and_ends_like_an_undisturbed_one(
    database: str, tmp_path: Path, undisturbed: dict[str, object], step: str, at_call: int
) -> None:
    if step == "before the audits" and at_call > 1:
        at_call = 1  # there is one audit
    plan = prepared(tmp_path / "in")
    assert plan.totals["outcomes"]["delete"] > 6
    assert plan.totals["outcomes"]["anonymise"] > 6

    first = run_in_a_process(plan, step, at_call)
    if step != "never":
        assert first.returncode == -signal.SIGKILL, first.stderr
        assert Run.objects.get().state == "running"
        second = run_in_a_process(plan, "never", 0)
        assert second.stdout == "done\n", second.stderr
    else:
        assert first.stdout == "done\n", first.stderr

    ended = state()
    assert ended == undisturbed.setdefault("state", ended)
    struck = queries.standing(Run.objects.get()).struck
    assert struck > 12
    assert support.tokens().count() == 2 * struck
    assert date.today() > support.AS_OF  # noqa: DTZ011 - the plan's day has passed: it could be approved
