"""Pages of renewals: begun on one page, made by the worker, taken up, and figures that add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from fadeout.accounts.permissions import Role
from fadeout.campaigns import sending
from fadeout.contacts.models import Contact
from fadeout.institution import queries as institution
from fadeout.recency import operations as recency
from fadeout.renewal import operations
from fadeout.renewal.models import Renewal
from fadeout.worker import tasks
from tests import support
from tests.campaigns.house import means
from tests.console.visitors import signed_in, somebody
from tests.mail_server import Box
from tests.renewal.house import NOW, SITE, begun, furnished, let_go, made


@pytest.fixture
def client(database: str, box: Box) -> Iterator[Client]:
    furnished()
    with override_settings(PUBLIC_URL=SITE):
        yield signed_in(somebody(Role.MARKETER))


def page(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def typed(**more: Any) -> dict[str, Any]:
    known = {
        "once": "0b9a2a6c-1f6c-4f4b-9d4e-0a1f6b1d2c3e", "name": "Autumn", "page": "fadeout",
        "within": "12", "months": "24", "page_url": "",
    }  # fmt: skip
    return known | more


def at(renewal: Renewal, action: str = "") -> str:
    return f"/audience/renewal/{renewal.public_id}/{action}"


def test_it_is_begun_once_and_made_by_the_worker(client: Client) -> None:
    assert "Nobody was asked to stay yet." in page(client.get("/audience/renewal/"))
    for _ in range(2):
        answer = client.post("/audience/renewal/new/", typed())
        assert answer.status_code == 302
    [renewal] = Renewal.objects.all()
    assert answer["Location"] == at(renewal)
    [job] = ProcrastinateJob.objects.filter(task_name="renew")
    assert "The renewal is being made." in page(client.get(at(renewal)))
    assert "is being made" in page(client.get(at(renewal, "steps/")))
    tasks.renew(**job.args)
    ProcrastinateJob.objects.all().delete()
    fragment = client.get(at(renewal, "steps/"), headers={"HX-Request": "true"})
    assert fragment.headers["HX-Refresh"] == "true"
    shown = page(client.get(at(renewal)))
    assert "3 contacts are due. The letter waits for you." in shown
    renewal.refresh_from_db()
    for address in (
        f"/audience/links/{renewal.link.code}/", f"/plans/{renewal.plan_id}/",
        f"/audience/targets/{renewal.target.public_id}/",
        f"/audience/campaigns/{renewal.campaign.public_id}/",
    ):  # fmt: skip
        assert f'href="{address}"' in shown
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"page": "house"}, "Give the address of your page."),
        ({"page": "house", "page_url": "javascript:x"}, "it begins with https:// or http://"),
        ({"within": "0"}, "greater than or equal to 1"),
        ({"months": "x"}, "Enter a whole number."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    client: Client, wrong: dict[str, str], said: str
) -> None:
    answer = client.post("/audience/renewal/new/", typed(**wrong))
    assert answer.status_code == 422
    assert said in page(answer)
    assert not Renewal.objects.exists()


def test_one_that_was_broken_off_is_taken_up(client: Client) -> None:
    renewal = begun()
    shown = page(client.get(at(renewal)))
    assert "The renewal is not made yet." in shown
    assert at(renewal, "go-on/") in shown
    client.post(at(renewal, "go-on/"))
    assert "The worker is at it already." in page(client.post(at(renewal, "go-on/"), follow=True))
    [job] = ProcrastinateJob.objects.filter(task_name="renew")
    tasks.renew(**job.args)
    renewal.refresh_from_db()
    assert renewal.next_step is None


def test_the_figures_are_shown_and_add_up(client: Client, box: Box) -> None:
    renewal = made(begun("Spring"))
    let_go(renewal)
    sending.go_on(renewal.campaign.pk, means())
    ann = Contact.objects.get(contact_number="ann")
    ann.clicks.create(
        click_number="c", link="Spring", clicked_at=NOW, automated=False,
        tracked_link=renewal.link, issued_for=renewal.campaign.public_id,
    )  # fmt: skip
    recency.refresh([ann.pk], now=NOW, time_zone=support.TIME_ZONE)
    operations.compare(renewal, house=institution.current(), by=support.operator(), now=NOW)
    shown = page(client.get(at(renewal)))
    assert "1 contact stays. 2 are still due." in shown
    assert "1 due contact may not be written to" in shown
    assert "Not to be struck any more: 1. To be struck now: 0." in shown
    assert "French" in shown
    listed = page(client.get("/audience/renewal/"))
    assert "1 consent renewal" in listed
    assert "style=" not in shown
