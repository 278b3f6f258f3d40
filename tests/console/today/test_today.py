"""The first page tells what a simulation of this day would, however the figures came about, and their age."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import MATRIX, Permission, Role
from fadeout.core import clock, sql
from fadeout.institution import operations as institution
from fadeout.plans import outlook
from fadeout.plans.models import Outlook
from fadeout.runs.control import Control
from fadeout.runs.models import Run, RunState
from fadeout.worker import jobs, tasks
from tests import support
from tests.console import house_of_plans
from tests.console.today import houses
from tests.console.visitors import signed_in, somebody
from tests.plans.house import RECENT, contact, house

#: Of which 6 are for session and user.
STATEMENTS = 29


def page_of(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def table(page: str, caption: str) -> dict[str, list[int]]:
    """Row -> its numbers."""
    [found] = re.findall(rf"<caption>{caption}</caption>(.*?)</table>", page, re.DOTALL)
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', found)
    return {
        head: [int(n.replace(",", "")) for n in re.findall(r">([\d,]+)</td>", cells)]
        for head, cells in rows
    }


def test_a_house_in_which_nothing_was_counted_yet(database: str) -> None:
    support.founded()
    page = page_of(signed_in(somebody(Role.MARKETER)))
    assert "It has not been counted yet how many contacts are past the limit." in page
    assert page.count("There is none.") == 2
    assert "<svg" not in page


def test_a_house_without_contacts(database: str) -> None:
    support.founded()
    houses.counted()
    page = page_of(signed_in(somebody(Role.DPO)))
    assert "There are no contacts on file." in page
    assert "<svg" not in page


def test_its_figures_are_those_of_a_fresh_simulation(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    houses.counted()
    client = signed_in(somebody(Role.DPO, name="Bo"))
    page = page_of(client)
    totals = house_of_plans.fresh().totals
    assert "3 contacts are past the limit." in page
    assert totals["outcomes"]["delete"] + totals["outcomes"]["anonymise"] == 3
    assert "10 contacts are on file." in page
    assert totals["contacts"] == 10
    falling = table(page, "Contacts falling due month by month")
    assert falling.pop("Due now") == [3]
    assert falling.pop("All") == [3 + 5]
    ahead = [found for [found] in falling.values()]
    assert len(ahead) == 25
    assert ahead == [totals["forecast"].get(month, 0) for month in months_ahead()]
    assert [n for n, found in enumerate(ahead) if found] == [1, 2, 12, 23, 24]
    years = table(page, "Contacts by the year of their last activity")
    *columns, total = zip(*years.values(), strict=True)
    assert [column[-1] for column in columns] == [1, 3, 6]
    assert total[-1] == sum(total[:-1]) == 10
    again = page_of(client)
    assert table(again, "Contacts falling due month by month") == {
        "Due now": [3], **{month: [n] for month, n in zip(falling, ahead, strict=True)}, "All": [8],
    }  # fmt: skip


def months_ahead() -> list[str]:
    first = houses.today().year * 12 + houses.today().month - 1
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, first + 25)]


def test_what_a_run_struck_is_gone_once_it_was_counted_again(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    plan = house_of_plans.approved(house_of_plans.fresh())
    client = signed_in(somebody(Role.DPO, name="Bo"))
    assert "3 contacts are past the limit." in page_of(client)
    assert support.run(plan, now=clock.now()).state == "done"
    page = page_of(client)
    assert "3 contacts were past the limit on" in page
    assert "Contacts were imported or struck since then" in page
    houses.counted()
    page = page_of(client)
    assert "Nobody is past the limit." in page
    assert "7 contacts are on file." in page  # the anonymised one is on file no more
    assert "since then" not in page
    assert page.count("2 deleted") == page.count("1 anonymised") == 2  # last plan and last run
    assert "School" not in page


def test_figures_of_another_day_say_so(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    houses.counted()
    Outlook.objects.update(as_of=houses.today() - timedelta(days=1))
    page = page_of(signed_in(somebody(Role.OPERATOR)))
    assert "3 contacts were past the limit on" in page


def test_the_last_run_looks_as_on_its_own_page(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    client = signed_in(somebody(Role.DPO, name="Bo"))
    plan = house_of_plans.approved(house_of_plans.fresh())
    run = support.run(plan, now=clock.now(), control=Control(interrupted=True))
    for state, tag in (
        (RunState.PAUSED, '<span class="tag waiting">paused</span>'),
        (RunState.RUNNING, '<span class="tag bad">interrupted</span>'),
        (RunState.CANCELLED, '<span class="tag ">cancelled</span>'),
    ):
        Run.objects.filter(pk=run.pk).update(state=state)
        assert tag in page_of(client)
        assert tag in client.get(f"/runs/{run.pk}/").content.decode()


def test_figures_of_another_period_say_so(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    houses.counted()
    institution.change_policy(changes={"months": 60}, by=support.operator(), now=clock.now())
    client = signed_in(somebody(Role.OPERATOR))
    assert "These figures are for a period of 36 months." in page_of(client)
    houses.counted()
    page = page_of(client)
    assert "2 contacts are past the limit." in page
    assert "These figures are for" not in page


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_the_figures_and_what_it_may_do(
    role: Role, database: str, tmp_path: Path
) -> None:
    houses.imported(tmp_path)
    house_of_plans.fresh()
    client = signed_in(somebody(role, name="Bo"))
    page = page_of(client)
    assert "3 contacts are past the limit." in page
    assert page.count('role="img"') == 4
    may = role in MATRIX[Permission.SIMULATE]
    assert ("Simulate now" in page) == may
    assert ("and approve it" in page) == (role in MATRIX[Permission.APPROVE])
    sent = client.post("/today/simulate/")
    assert sent.status_code == (302 if may else 403)
    assert jobs.is_simulating() == may


def test_a_simulation_is_asked_for_once_and_the_page_waits_for_it(
    database: str, tmp_path: Path
) -> None:
    houses.imported(tmp_path)
    user = somebody(Role.MARKETER)
    client = signed_in(user)
    assert "A simulation is under way" not in page_of(client)
    first = client.post("/today/simulate/", follow=True).content.decode()
    assert "The simulation was handed to the worker." in first
    assert "A simulation is under way" in first
    assert "Simulate now" not in first
    again = client.post("/today/simulate/", follow=True).content.decode()
    assert "A simulation of today is under way already." in again
    waiting = client.get("/today/simulating/")
    assert (b"A simulation is under way" in waiting.content, "HX-Refresh" in waiting) == (
        True,
        False,
    )
    [(arguments,)] = sql.rows("SELECT args FROM procrastinate_jobs WHERE task_name = 'simulate'")
    tasks.simulate(**json.loads(arguments))
    sql.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'simulate'")  # as the worker does
    assert client.get("/today/simulating/")["HX-Refresh"] == "true"
    assert "3 contacts are past the limit." in page_of(client)


def test_the_worker_counts_what_changed(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    tasks.count_outlook(timestamp=0)
    seen = outlook.latest()
    assert seen is not None
    assert (seen.as_of, seen.figures.due) == (houses.today(), 3)
    with sql_held():
        support.imported(house(contact("new", created_at=RECENT)), tmp_path / "more")
        tasks.count_outlook(timestamp=0)
        still = outlook.latest()
        assert still is not None
        assert still.is_outdated  # a run is waited for
    tasks.count_outlook(timestamp=0)
    fresh = outlook.latest()
    assert fresh is not None
    assert not fresh.is_outdated


def sql_held() -> AbstractContextManager[None]:
    return tasks.lock.only_one(patience=0)


def test_it_takes_as_many_statements_however_large_the_house(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    client = signed_in(somebody(Role.ADMINISTRATOR, name="Bo"))
    house_of_plans.approved(house_of_plans.fresh())
    page_of(client)
    with CaptureQueriesContext(connection) as caught:
        page_of(client)
    assert len(caught) == STATEMENTS, "\n".join(query["sql"] for query in caught.captured_queries)
    # Neither contacts nor rows of plans are read: the figures were counted beforehand.
    read = " ".join(query["sql"] for query in caught.captured_queries)
    assert '"plans_outlook"' in read
    assert not re.search(r'FROM "?(contacts_contact|plans_plan_row|vault_record|sales_\w+)\b', read)
