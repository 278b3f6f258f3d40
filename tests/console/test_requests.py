"""Requests of contacts: listed by their last day, closed with a reason, answered by forgetting."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from fadeout.accounts.permissions import Role
from fadeout.contacts.models import Contact, Hold
from fadeout.core import clock
from fadeout.plans.models import Plan
from fadeout.rights import operations, queries
from fadeout.rights.models import Identified, State
from tests import support
from tests.console.visitors import proved, signed_in, somebody
from tests.plans.house import contact, house

AT = "/contacts/requests/"


@pytest.fixture
def asked(database: str, tmp_path: Path) -> UUID:
    support.imported(house(contact("A"), contact("B")), tmp_path / "in")
    return ask("A", days_ago=3)


def ask(number: str, days_ago: int) -> UUID:
    return operations.open_erasure(
        Contact.objects.get(contact_number=number).public_id,
        identified=Identified.LINK,
        time_zone=support.TIME_ZONE,
        now=clock.now() - timedelta(days=days_ago),
    ).request.public_id


def dpo() -> Client:
    return signed_in(somebody(Role.DPO))


def page(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_they_are_listed_by_their_last_day_and_on_the_first_page(asked: UUID) -> None:
    late = ask("B", days_ago=40)
    client = dpo()
    listed = page(client.get(AT))
    assert "2 contacts ask to be forgotten." in listed
    assert "1 is overdue." in listed
    assert listed.index(str(late)) < listed.index(str(asked))
    today = page(client.get("/"))
    assert "2 contacts ask to be forgotten" in today
    assert "The first was due on" in today
    shown = page(client.get(f"{AT}{asked}/"))
    assert "by a link in a mail to the address on file" in shown
    assert f"/contacts/{Contact.objects.get(contact_number='A').public_id}/forget/" in shown


def test_one_is_closed_with_a_reason_once(asked: UUID) -> None:
    client = dpo()
    empty = client.post(f"{AT}{asked}/", {"reason": ""})
    assert empty.status_code == 422
    assert queries.open_requests()
    assert client.post(f"{AT}{asked}/", {"reason": "An invoice is open."}).status_code == 302
    assert not Hold.objects.exists()
    shown = page(client.get(f"{AT}{asked}/"))
    assert "An invoice is open." in shown
    assert "<textarea" not in shown
    again = client.post(f"{AT}{asked}/", {"reason": "Once more."}, follow=True)
    assert "This request was answered meanwhile. Nothing was changed." in page(again)
    assert "No request waits for an answer." in page(client.get(AT))
    assert client.get(f"{AT}{UUID(int=1)}/").status_code == 404


def test_forgetting_the_contact_seals_nothing_and_answers_it(asked: UUID) -> None:
    public_id = Contact.objects.get(contact_number="A").public_id
    client = proved(somebody(Role.ADMINISTRATOR))
    shown = page(client.get(f"/contacts/{public_id}/forget/"))
    assert "1 contact is deleted for good." in shown
    assert "Nothing is sealed, since the contact asked for it themselves." in shown
    confirmed = shown.split('name="confirmed" value="')[1].split('"')[0]
    assert confirmed == "delete|asked"
    answer = client.post(f"/contacts/{public_id}/forget/", {"confirmed": confirmed, "number": "A"})
    assert answer.status_code == 302, page(answer)
    run = support.run(Plan.objects.latest("pk"), now=clock.now(), without_recovery=True)
    assert (run.state, run.has_recovery) == ("done", False)
    row = queries.by_public_id(asked)
    assert row is not None
    assert (row.state, row.contact) == (State.DONE, None)
    assert "The contact is forgotten, and the request answered." in page(
        client.get(f"{AT}{asked}/")
    )


def test_its_hold_is_not_lifted_by_hand(asked: UUID) -> None:
    client = dpo()
    hold = Hold.objects.get()
    address = f"/contacts/{hold.contact.public_id}/holds/{hold.pk}/"
    shown = page(client.get(address))
    assert "This hold belongs to a request of the contact, and ends with it." in shown
    seen = shown.split('name="seen" value="')[1].split('"')[0]
    client.post(address, {"lift": "yes", "seen": seen})
    assert Hold.objects.get().of_request
