"""Pages of runs: what they did, who may ask what of them, and what is said when they rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from fadeout.accounts.permissions import Role
from fadeout.certificates.words import audit
from fadeout.core import clock, sql
from fadeout.institution.models import Operator
from fadeout.ledger.models import Entry, Kind
from fadeout.residue import queries as residue
from fadeout.runs import control, queries
from fadeout.runs.models import Run, RunState
from fadeout.worker import failures, jobs
from tests import support
from tests.console import house_of_plans as pages
from tests.console.plans.test_deciding import shown
from tests.console.visitors import proved, signed_in, somebody
from tests.model.house import Hold, Note
from tests.plans.house import contact


@pytest.fixture
def furnished(database: str, tmp_path: Path) -> None:
    """With a note about somebody who stays, that names somebody who goes."""
    pages.furnished(
        tmp_path / "in",
        contact("stays"), Hold(contact_number="stays", reason="x"),
        Note(note_number="N1", contact_number="stays", text="Came with Nora Dorn, said so"),
    )  # fmt: skip


@pytest.fixture
def dpo(furnished: None) -> Client:
    return proved(somebody(Role.DPO, name="Ilse"))


def stopped() -> Run:
    """A run that rests before its first chunk."""
    asked = control.Control(interrupted=True)
    run = support.run(pages.approved(pages.fresh()), now=clock.now(), control=asked)
    assert run.state == RunState.PAUSED
    return run


def interrupted() -> Run:
    """As a killed process leaves it: it stands at running, and nobody works on it."""
    run = stopped()
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING)
    return run


def incomplete() -> Run:
    """A run whose audits found something."""
    run = pages.done()
    audits = (run.audits or {}) | {"payments changed": 2}
    Run.objects.filter(pk=run.pk).update(state=RunState.INCOMPLETE, audits=audits)
    return run


def test_nothing_was_run_yet(dpo: Client) -> None:
    assert "Nothing was run yet." in shown(dpo, "/runs/")
    assert dpo.get("/runs/1/").status_code == dpo.get("/runs/1/progress/").status_code == 404


def test_a_run_that_is_done_says_all_that_the_terminal_says(dpo: Client) -> None:
    run = pages.done()
    page = shown(dpo, f"/runs/{run.pk}/")
    assert "Run 1 is done: 6 contacts were struck." in page
    counts = page.split("What became of them")[1]
    figures = re.findall(r'<td class="number">([\d,]+)</td></tr>', counts)
    standing = queries.standing(run)
    assert figures[:5] == ["4", "2", "0", "0", str(standing.kept)]
    assert f"{len(run.audits or {})} audits found nothing" in page
    audits = [audit(code) for code in run.audits or {}]
    assert len(audits) > 30
    assert all(one.name in page and one.place in page for one in audits)
    assert all(f'<code class="quiet">{table}</code>' in page for table in queries.removed(run))
    assert "support can recover what was removed" in page
    assert all(word in page for word in ("simulated", "approved", "began it", "came to its end"))
    assert {"<td>Ada</td>", "<td>Eve</td>"} <= set(re.findall(r"<td>\w+</td>", page))
    Operator.objects.filter(name="Eve").update(name=None)
    assert "<td>operator who left</td>" in shown(dpo, f"/runs/{run.pk}/")
    assert "every 2s" not in page
    assert "Pause" not in page
    assert "Dorn" not in page
    assert "6 of 6 contacts" in page
    listed = shown(dpo, "/runs/")
    assert '<span class="tag good">done</span>' in listed
    rest = shown(dpo, f"/plans/{run.plan_id}/contacts/")
    assert "on no list any more" in rest
    assert "Nobody on this plan is like that" in rest


def test_a_list_of_runs_costs_the_same_few_statements(dpo: Client) -> None:
    pages.done()
    dpo.get("/runs/")
    with CaptureQueriesContext(connection) as asked:
        dpo.get("/runs/")
    for _ in range(2):
        pages.done()
    with CaptureQueriesContext(connection) as more:
        assert dpo.get("/runs/").content.count(b"tag good") == 3
    assert len(asked) == len(more) == 9


def test_a_run_that_rests_goes_on_by_typing_the_number(dpo: Client) -> None:
    run = stopped()
    page = shown(dpo, f"/runs/{run.pk}/")
    assert "Run 1 is paused. Nothing is half done." in page
    assert "Go on with it" in page
    path = f"/runs/{run.pk}/resume/"
    assert "6 contacts of plan 1 are left" in shown(dpo, path)
    assert dpo.post(path, {"typed": "5"}).status_code == 422
    assert not ProcrastinateJob.objects.exists()
    assert dpo.post(path, {"typed": "6"})["Location"] == f"/runs/{run.pk}/"
    assert dpo.post(path, {"typed": "6"}).status_code == 302  # twice
    [job] = ProcrastinateJob.objects.filter(task_name=jobs.RUN)
    assert job.args["plan"] == run.plan_id
    page = shown(dpo, f"/runs/{run.pk}/")
    assert "The run goes on already." in page
    assert "Run 1 is about to go on." in page
    assert "No worker is running" in page
    assert 'hx-trigger="every 2s"' in page


def test_a_run_that_a_worker_has_taken_up_is_about_to_go_on(dpo: Client) -> None:
    """Also before it says so itself; a job that has seen it end tidies up, and is no reason to wait."""
    run = stopped()
    jobs.resume_run(run, support.operator())
    sql.execute("UPDATE procrastinate.procrastinate_jobs SET status = 'doing'")
    assert "Run 1 is about to go on." in shown(dpo, f"/runs/{run.pk}/")
    asked = {"now": clock.now(), "control": control.Control(interrupted=True)}
    assert support.run(run.plan, **asked).state == RunState.PAUSED
    assert "Run 1 is paused." in shown(dpo, f"/runs/{run.pk}/")


def test_a_run_that_was_interrupted_says_what_happened(dpo: Client) -> None:
    run = interrupted()
    page = shown(dpo, f"/runs/{run.pk}/")
    assert "Run 1 was interrupted. Nothing is half done." in page
    assert "Whatever worked on it is gone" in page
    assert "Go on with it" in page
    assert '<span class="tag bad">interrupted</span>' in shown(dpo, "/runs/")
    failures.keep(jobs.RUN, failures.Code.STALLED_TOO_OFTEN, now=clock.now(), plan=run.plan_id)
    assert "The worker died over it several times." in shown(dpo, f"/runs/{run.pk}/")


def test_a_run_that_is_incomplete_is_no_success(dpo: Client) -> None:
    run = incomplete()
    page = shown(dpo, f"/runs/{run.pk}/")
    assert "Run 1 is incomplete: its audits found 2 things that must not be." in page
    assert re.search(r'payments changed</th><td class="number"><span class="tag bad">2<', page)
    assert "found nothing, as" not in page
    assert "Go on with it" in page
    dpo.post(f"/runs/{run.pk}/pause/")
    assert "it is incomplete" in shown(dpo, f"/runs/{run.pk}/")


def test_a_run_is_ended_for_good_once(dpo: Client) -> None:
    run = stopped()
    path = f"/runs/{run.pk}/cancel/"
    assert "6 contacts have not been struck yet and would stay." in shown(dpo, path)
    assert Run.objects.get().state == RunState.PAUSED  # looking changes nothing
    assert dpo.post(path)["Location"] == f"/runs/{run.pk}/"
    page = shown(dpo, f"/runs/{run.pk}/")
    assert "no more will be" in page
    assert "Go on with it" not in page
    for again in (path, f"/runs/{run.pk}/pause/", f"/runs/{run.pk}/resume/"):
        assert dpo.post(again, {"typed": "6"}).status_code == 302
        assert "The run has ended: it is cancelled." in shown(dpo, f"/runs/{run.pk}/")
    assert Entry.objects.filter(kind=Kind.STOP_ASKED).count() == 1
    [stop] = Entry.objects.filter(kind=Kind.STOP_ASKED)
    assert stop.facts["wish"] == "cancel"


def test_a_run_that_waits_to_go_on_and_is_ended_leaves_no_job(dpo: Client) -> None:
    run = stopped()
    dpo.post(f"/runs/{run.pk}/resume/", {"typed": "6"})
    assert jobs.is_waiting(run.plan)
    dpo.post(f"/runs/{run.pk}/cancel/")
    assert not jobs.is_waiting(run.plan)


def test_a_run_of_a_plan_that_went_stale_does_not_go_on(dpo: Client) -> None:
    run = stopped()
    pages.long_ago(run.plan, 40)
    path = f"/runs/{run.pk}/resume/"
    assert "It is older than 30 days." in shown(dpo, path)
    assert dpo.post(path, {"typed": "6"}).status_code == 409
    assert not ProcrastinateJob.objects.exists()


def test_an_end_asks_again_who_it_is(furnished: None) -> None:
    run = stopped()
    client = signed_in(somebody(Role.DPO, name="Ilse"))
    for under in ("cancel/", "resume/"):
        asked = client.post(f"/runs/{run.pk}/{under}", {"typed": "6"})
        assert asked["Location"].startswith("/account/reauthenticate/")
    assert Run.objects.get().state == RunState.PAUSED


def test_a_part_that_asks_for_itself_goes_to_the_door_as_a_whole_page(dpo: Client) -> None:
    run = stopped()
    part = f"/runs/{run.pk}/progress/"
    still = dpo.get(part, headers={"HX-Request": "true"})
    assert still["HX-Refresh"] == "true"  # it rests: the page tells more
    jobs.resume_run(run, support.operator())
    moving = dpo.get(part, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in moving
    assert b'id="live"' in moving.content
    dpo.cookies.clear()
    gone = dpo.get(part, headers={"HX-Request": "true"})
    assert (gone.status_code, gone["HX-Refresh"], gone.content) == (200, "true", b"")
    assert dpo.get(part).status_code == 302


def test_texts_about_others_are_judged_by_who_may(dpo: Client) -> None:
    run = pages.done()
    assert residue.left_to_judge(run.pk) == 1
    assert "1 text about somebody else is for a person to judge" in shown(dpo, f"/runs/{run.pk}/")
    path = f"/runs/{run.pk}/residue/"
    page = shown(dpo, path)
    assert "contacts_note.text" in page
    assert ">N1<" in page
    assert "Dorn" not in page
    marketer = signed_in(somebody(Role.MARKETER, name="Mara"))
    assert marketer.get(path).status_code == 403
    assert path not in shown(marketer, f"/runs/{run.pk}/")
    Run.objects.update(state=RunState.PAUSED)
    assert dpo.post(path, {"left": 1}).status_code == 409
    Run.objects.update(state=RunState.DONE)
    assert '<input type="hidden" name="left" value="1">' in shown(dpo, path)
    for stale in ({}, {"left": 2}):
        answer = dpo.post(path, stale)
        assert (answer.status_code, b"has changed since" in answer.content) == (409, True)
    assert residue.left_to_judge(run.pk) == 1
    other = signed_in(somebody(Role.DPO, name="Otto"))
    assert other.post(path, {"left": 1})["Location"].startswith("/account/reauthenticate/")
    assert residue.left_to_judge(run.pk) == 1
    assert dpo.post(path, {"left": 1}).status_code == 302
    page = shown(dpo, path)
    assert "1 text is judged" in page
    assert "No text is left to judge." in page
    assert dpo.post(path, {"left": 1}).status_code == 302  # sent twice: judged once
    assert Entry.objects.filter(kind=Kind.RESIDUE).count() == 1


def test_a_certificate_is_a_page_and_json(dpo: Client) -> None:
    run = pages.done()
    page = shown(dpo, f"/runs/{run.pk}/certificate/")
    assert "Certificate of run 1" in page
    assert "no audit found anything" in page
    assert "style=" not in page
    answer = dpo.get(f"/runs/{run.pk}/certificate.json")
    assert json.loads(answer.content)["run"]["state"] == "done"
    assert 'filename="certificate-1.json"' in answer["Content-Disposition"]
    marketer = signed_in(somebody(Role.MARKETER, name="Mara"))
    assert marketer.get(f"/runs/{run.pk}/certificate/").status_code == 403
    assert "Certificate" not in shown(marketer, f"/runs/{run.pk}/")


def test_no_certificate_of_what_has_not_ended_or_does_not_hold(dpo: Client) -> None:
    run = stopped()
    path = f"/runs/{run.pk}/certificate/"
    assert "has not ended" in shown(dpo, path, 409)
    assert dpo.get(f"/runs/{run.pk}/certificate.json").status_code == 400
    other = pages.done()
    sql.execute("UPDATE ledger_entry SET facts = facts || '{\"run\": 9}' WHERE kind = 'run_ended'")
    page = shown(dpo, f"/runs/{other.pk}/certificate/", 409)
    assert "The ledger does not hold: Entry" in page
    assert "The page of the ledger can check it" in page
    assert "fadeout ledger" not in page


@pytest.mark.parametrize(
    ("language", "stands_still", "differs"),
    [
        ("fr", "L’exécution 1 n’est pas terminée : suspendue. Reprenez-la ou terminez-la, sur la page",
         "Pas de certificat pour l’exécution 1 : Au sujet de l’exécution 1, la base de données dit autre"),
        ("de", "Lauf 1 ist nicht zu Ende: angehalten. Setzen Sie ihn fort oder beenden Sie ihn, auf der",
         "Kein Nachweis zu Lauf 1: Zu Lauf 1 sagt die Datenbank etwas anderes als das Journal"),
    ],
    ids=["fr", "de"],
)  # fmt: skip
def test_why_there_is_no_certificate_is_told_in_the_language_of_whoever_asks(
    dpo: Client, language: str, stands_still: str, differs: str
) -> None:
    dpo.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    run = stopped()
    path = f"/runs/{run.pk}/certificate"
    assert stands_still in words(shown(dpo, f"{path}/", 409))
    assert stands_still in words(shown(dpo, f"{path}.json", 400))
    Run.objects.update(state=RunState.DONE)
    page = words(shown(dpo, f"{path}/", 409))
    assert differs in page
    assert "fadeout ledger" not in page


def words(page: str) -> str:
    """What people read of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_who_may_only_look_sees_no_button(furnished: None) -> None:
    run = stopped()
    client = signed_in(somebody(Role.SUPPORT, name="Sol"))
    page = shown(client, f"/runs/{run.pk}/")
    assert "Run 1 is paused" in page
    assert not any(text in page for text in ("Go on with it", "nd it for good", "/pause/"))
    for under in ("pause/", "cancel/", "resume/"):
        assert client.post(f"/runs/{run.pk}/{under}").status_code == 403
    assert client.get(f"/runs/{run.pk}/pause/").status_code == 403
