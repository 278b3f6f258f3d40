"""Forget this contact: the last step, what forbids it, what only warns, and what comes between."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from fadeout.accounts.permissions import Role
from fadeout.contacts.models import Contact, Hold
from fadeout.core import clock
from fadeout.institution import operations as institution
from fadeout.plans import operations as plans
from fadeout.plans.models import Plan
from fadeout.runs import queries as runs
from fadeout.vault.keyring import Keyring
from fadeout.worker import tasks
from tests import support
from tests.console.contacts import house
from tests.console.contacts.house import at_contact, opened
from tests.console.visitors import PASSWORD, proven, signed_in, somebody


@pytest.fixture
def client(database: str, tmp_path: Path) -> Client:
    house.imported(tmp_path / "in")
    return proven(signed_in(somebody(Role.DPO)))


def worked() -> None:
    """What a worker does with the jobs that wait."""
    for job in ProcrastinateJob.objects.filter(status="todo", task_name="run"):
        tasks.run(**job.args)


def test_a_buyer_is_anonymised_and_found_nowhere(client: Client) -> None:
    address = at_contact("1002", "forget/")
    page = client.get(address).content.decode()
    assert "1 contact is anonymised for good." in page
    assert "pseudonymised and restricted" in page
    assert not Plan.objects.exists()  # looking plans nothing
    form = opened(client, address)
    wrong = client.post(address, {**form, "number": "1001"})
    assert (
        wrong.status_code,
        "This is not the number of this contact." in wrong.content.decode(),
    ) == (422, True)
    assert not Plan.objects.exists()
    answer = client.post(address, {**form, "number": "1002"})
    [plan] = Plan.objects.all()
    assert (answer.status_code, answer["Location"]) == (302, f"/contacts/forgetting/{plan.pk}/")
    [job] = ProcrastinateJob.objects.all()
    assert set(job.args) == {"plan", "by", "since"}
    waiting = client.get(answer["Location"]).content.decode()
    assert "The worker was asked to forget the contact" in waiting
    assert "Bernard" not in waiting
    assert "1002" not in waiting

    again = client.post(address, {**form, "number": "1002"})  # sent twice, or the back button
    assert again["Location"] == answer["Location"]
    assert client.get(address)["Location"] == answer["Location"]
    assert (Plan.objects.count(), ProcrastinateJob.objects.count()) == (1, 1)

    worked()
    run = runs.latest()
    assert run is not None
    assert (run.state, run.has_recovery) == ("done", True)
    assert client.get(answer["Location"])["Location"] == f"/runs/{run.pk}/"
    by_htmx = client.get(answer["Location"], headers={"HX-Request": "true"})
    assert (by_htmx.status_code, by_htmx["HX-Redirect"]) == (200, f"/runs/{run.pk}/")
    gone = client.post(address, {**form, "number": "1002"})
    assert gone.status_code == 404
    assert not Contact.objects.filter(last_name="Muller").exists()
    assert Contact.objects.filter(last_name="XXXXXXXX").count() == 1


def test_what_forbids_it_leaves_no_button_but_a_way_out(client: Client) -> None:
    address = at_contact("R", "forget/")
    page = client.get(address).content.decode()
    assert "This contact may not be forgotten now." in page
    assert "Whoever answers for the hold lifts it." in page
    assert "Have it paid back or booked out" in page
    assert 'class="final-step"' not in page
    answer = client.post(address, {"confirmed": "keep|creditor|hold|active|role", "number": "R"})
    assert answer.status_code in (409, 422)
    assert not Plan.objects.exists()


def test_what_only_warns_must_be_ticked(client: Client) -> None:
    address = at_contact("2001", "forget/")
    form = opened(client, address)
    page = client.get(address).content.decode()
    assert "although it is a structure" in page
    unticked = client.post(address, {**form, "number": "2001"})
    assert (unticked.status_code, Plan.objects.count()) == (422, 0)
    assert "Tick this first" in unticked.content.decode()
    ticked = client.post(address, {**form, "number": "2001", "despite_structure": "on"})
    assert ticked.status_code == 302
    worked()
    assert not Contact.objects.filter(contact_number="2001").exists()
    assert Contact.objects.get(contact_number="R").structure_id is None


def test_what_changed_since_it_was_shown_is_not_confirmed_by_it(client: Client) -> None:
    address = at_contact("1002", "forget/")
    form = opened(client, address)
    hold = Hold.objects.create(contact=Contact.objects.get(contact_number="1002"), reason="court")
    answer = client.post(address, {**form, "number": "1002"})
    page = answer.content.decode()
    assert (answer.status_code, "Something changed meanwhile" in page) == (409, True)
    assert 'class="final-step"' not in page
    assert not Plan.objects.exists()
    hold.delete()
    assert client.post(address, {**form, "number": "1002"}).status_code == 302


def test_two_people_where_the_house_asks_for_two(client: Client) -> None:
    institution.change_policy(changes={"two_people": True}, by=support.operator(), now=support.NOW)
    address = at_contact("1002", "forget/")
    assert "somebody else approves" in client.get(address).content.decode()
    answer = client.post(address, {**opened(client, address), "number": "1002"})
    page = client.get(answer["Location"]).content.decode()
    assert "Nothing is forgotten yet: somebody else approves the plan first." in page
    [plan] = Plan.objects.all()
    assert f'href="/plans/{plan.pk}/"' in page
    assert not ProcrastinateJob.objects.exists()
    assert not plan.approvals.exists()
    assert client.get(address)["Location"] == answer["Location"]
    bo = support.operator("Bo")
    plans.approve(plan=plan, by=bo, typed=1, today=plan.as_of, now=clock.now())
    assert "approved and waits to be run" in client.get(answer["Location"]).content.decode()


def test_without_a_vault_it_has_to_be_said(client: Client, tmp_path: Path) -> None:
    (tmp_path / "keys" / "vault" / "recipient").unlink()
    assert Keyring(tmp_path / "keys").recipient() is None
    address = at_contact("1002", "forget/")
    form = opened(client, address)
    unsaid = client.post(address, {**form, "number": "1002"})
    assert (unsaid.status_code, "the vault is not set up" in unsaid.content.decode()) == (422, True)
    said = client.post(address, {**form, "number": "1002", "without_recovery": "on"})
    assert said.status_code == 302
    [job] = ProcrastinateJob.objects.all()
    assert job.args["without_recovery"] is True
    worked()
    run = runs.latest()
    assert run is not None
    assert (run.state, run.has_recovery) == ("done", False)


def test_it_asks_again_who_it_is_and_does_not_lose_what_was_sent(client: Client) -> None:
    address = at_contact("1002", "forget/")
    form = opened(client, address) | {"number": "1002"}
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    asked = client.post(address, form)
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, "/account/reauthenticate/")
    assert "1002" not in asked["Location"]
    assert not Plan.objects.exists()
    done = client.post(asked["Location"], {"password": PASSWORD})
    assert (done.status_code, Plan.objects.count()) == (302, 1)


def test_a_form_that_is_shown_again_after_the_proof_leads_back_to_its_own_page(
    client: Client,
) -> None:
    address = at_contact("1002", "forget/")
    form = opened(client, address) | {"number": "1001"}
    visitor = signed_in(client.get("/").wsgi_request.user)
    asked = visitor.post(address, form)
    assert asked.status_code == 302
    shown = visitor.post(asked["Location"], {"password": PASSWORD})
    assert "This is not the number of this contact." in shown.content.decode()
    assert f'action="{address}"' in shown.content.decode()


def test_a_job_that_failed_says_so_and_can_be_asked_for_again(
    client: Client, tmp_path: Path
) -> None:
    address = at_contact("1002", "forget/")
    answer = client.post(address, {**opened(client, address), "number": "1002"})
    (tmp_path / "keys" / "vault" / "recipient").unlink()
    with pytest.raises(tasks.JobFailed):
        worked()
    ProcrastinateJob.objects.all().delete()
    page = client.get(answer["Location"]).content.decode()
    assert "The worker could not begin." in page
    assert client.get(address).status_code == 200  # and not sent back to what failed


def test_only_plans_by_hand_are_told(client: Client) -> None:
    plan = support.simulated()
    assert client.get(f"/contacts/forgetting/{plan.pk}/").status_code == 404
    assert client.get(f"/contacts/forgetting/{10**30}/").status_code == 404
    assert client.get("/contacts/forgetting/99/").status_code == 404
    assert (
        client.post(
            at_contact("1002", "forget/").replace("/contacts/", f"/contacts/{uuid4()}")
        ).status_code
        == 404
    )
