"""From a simulation to a run that is done, by pages alone, with a real worker; paused, and ended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from fadeout.accounts.permissions import Role
from fadeout.core import clock
from fadeout.plans.models import Plan
from fadeout.runs import queries
from fadeout.runs.models import Run, RunState
from fadeout.worker import jobs
from tests.console import house_of_plans as pages
from tests.console.plans.test_deciding import shown
from tests.console.visitors import proved, somebody
from tests.plans.house import contact
from tests.worker.workers import until, worker

MORE = 18
ALL = pages.DUE + MORE


@pytest.fixture
def dpo(database: str, tmp_path: Path) -> Client:
    pages.furnished(tmp_path / "in", *(contact(f"more {n}") for n in range(MORE)))
    return proved(somebody(Role.DPO, name="Ilse"))


def the_run() -> Run | None:
    return Run.objects.first()


def in_state(state: str) -> bool:
    run = the_run()
    return run is not None and queries.state_in_words(run) == state


def test_simulate_approve_run_pause_go_on_and_see_it_done(dpo: Client, tmp_path: Path) -> None:
    today = clock.local_day(clock.now(), "Europe/Zurich").isoformat()
    assert dpo.post("/plans/simulate/", {"as_of": "soon", "months": "0"}).status_code == 422
    asked = {"as_of": today, "months": "36"}
    assert dpo.post("/plans/simulate/", asked)["Location"] == "/plans/"
    assert dpo.post("/plans/simulate/", asked).status_code == 302  # pressed twice
    page = shown(dpo, "/plans/")
    assert "The same is being simulated already." in page
    assert "No worker is running, so it waits" in page
    part = {"HX-Request": "true"}
    assert b"is being made" in dpo.get("/plans/being-made/", headers=part).content
    log = tmp_path / "log"
    with worker(log, seconds=0.4):
        until(lambda: Plan.objects.exclude(fingerprint="").exists() and not jobs.is_simulating(),
              "the plan", log)  # fmt: skip
        assert dpo.get("/plans/being-made/", headers=part)["HX-Refresh"] == "true"
        assert Plan.objects.count() == 1
        assert f"Plan 1 would strike {ALL} contacts" in shown(dpo, "/plans/1/")
        approved = dpo.post("/plans/1/approve/", {"typed": str(ALL), "seen": "0"})
        assert approved["Location"] == "/plans/1/"
        assert dpo.post("/plans/1/run/", {"typed": str(ALL), "recovery": "with"}).status_code == 302
        until(lambda: in_state("running"), "the run begins", log)
        assert dpo.get("/plans/1/standing/", headers=part)["HX-Refresh"] == "true"
        until(lambda: (r := the_run()) and queries.settled(r).struck >= 2, "it strikes", log)
        again = dpo.post(
            "/plans/1/run/", {"typed": str(ALL), "recovery": "with"}
        )  # the back button
        assert again["Location"] == "/runs/1/"
        live = until(
            lambda: (page := shown(dpo, "/runs/1/")) and "left</span>" in page and page,
            "time left",
            log,
        )
        assert "Run 1 is striking" in live
        assert 'aria-current="step">Contacts struck' in live
        value = re.search(r'<progress class="progress" max="(\d+)" value="(\d+)"', live)
        assert value
        assert (int(value[1]), 2 <= int(value[2]) < ALL) == (ALL, True)
        assert live.count("<rect") >= 2
        dpo.post("/runs/1/pause/")
        until(lambda: in_state(RunState.PAUSED), "it pauses", log)
        run = the_run()
        assert run is not None
        assert 0 < queries.settled(run).struck < ALL
        assert "Nothing is half done" in shown(dpo, "/runs/1/")
        assert dpo.post("/runs/1/resume/", {"typed": str(ALL)}).status_code == 302
        until(lambda: in_state(RunState.DONE), "it is done", log)
    page = shown(dpo, "/runs/1/")
    assert f"Run 1 is done: {ALL} contacts were struck." in page
    assert "every 2s" not in page
    assert "no audit found anything" in shown(dpo, "/runs/1/certificate/")


def test_a_run_is_ended_for_good_while_it_strikes(dpo: Client, tmp_path: Path) -> None:
    plan = pages.approved(pages.fresh())
    dpo.post(f"/plans/{plan.pk}/run/", {"typed": str(ALL), "recovery": "without"})
    log = tmp_path / "log"
    with worker(log, seconds=0.4):
        until(lambda: (r := the_run()) and queries.settled(r).struck >= 2, "it strikes", log)
        assert dpo.post("/runs/1/cancel/")["Location"] == "/runs/1/"
        until(lambda: in_state(RunState.CANCELLED), "it ends", log)
    run = the_run()
    assert run is not None
    struck = queries.standing(run).struck
    assert 0 < struck < ALL
    assert not run.has_recovery
    page = shown(dpo, "/runs/1/")
    assert f"{struck} contacts are struck, no more will be" in page
    assert "Nobody can recover what was removed" in page
