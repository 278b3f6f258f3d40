"""Subscribing on the public page: the same answer for everybody, and a mail that has to be confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from fadeout.contacts import offering
from fadeout.contacts.models import Authorisation, Contact
from fadeout.core import clock
from fadeout.institution import brand
from fadeout.institution.brand import Look
from tests import support
from tests.mail_server import Box
from tests.renewal.house import SITE, furnished


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with override_settings(PUBLIC_URL=SITE):
        yield


@pytest.fixture
def house(database: str, box: Box) -> Box:
    furnished()
    brand.change(Look(takes_subscriptions=True), now=support.NOW)
    return box


def visitor() -> Client:
    return Client(enforce_csrf_checks=True, headers={"host": "localhost"})


def ask(email: str, **more: Any) -> Any:
    fields = {
        "email": email,
        "spoken": "fr",
        "answer_0": "on",
        "number": offering.in_force().number,
    }
    return visitor().post("/subscribe/", fields | more)


def link_in(mail: Any) -> str:
    [path] = re.findall(rf"{re.escape(SITE)}(/subscribe/\S+)", mail.get_content())
    return path


def test_whether_an_address_is_known_is_told_to_nobody(house: Box) -> None:
    known, new = ask("ann@example.org"), ask("new@example.org")
    assert known.status_code == new.status_code == 303
    assert (known["Location"], known.content) == (new["Location"], new.content)
    mails = {mail["To"]: mail for mail in house.mails}
    assert set(mails) == {"ann@example.org", "new@example.org"}
    assert len({mail["Subject"] for mail in mails.values()}) == 1
    texts = {mail.get_content().replace(link_in(mail), "") for mail in mails.values()}
    assert len(texts) == 1
    before = Contact.objects.count()
    path = link_in(mails["new@example.org"])
    page = visitor().get(path)
    assert page.status_code == 200
    assert "Nouvelles par e-mail" in page.content.decode()
    assert Contact.objects.count() == before, "a scanner that opens it adds nobody"
    done = visitor().post(path)
    assert (done.status_code, done["Location"]) == (303, f"{path}?said=confirmed")
    assert "C’est confirmé." in visitor().get(path).content.decode()
    added = Contact.objects.get(email="new@example.org")
    assert added.language == "fr"
    assert added.indicator.activity == "authorisation"
    assert visitor().post(path).status_code == 303, (
        "twice pressed is told the same, and changes nothing"
    )
    assert Authorisation.objects.filter(contact=added).count() == 1


def test_a_link_whose_last_signs_a_mail_program_left_out_is_good(house: Box) -> None:
    ask("new@example.org")
    [mail] = house.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    path = link_in(mail)
    assert not path.endswith("=")
    assert {visitor().get(path + end).status_code for end in ("", "=", "==")} == {200}
    assert visitor().get(path[:-4]).status_code == 404


def test_what_cannot_be_confirmed_is_said_on_the_page_and_the_link_stays_good(house: Box) -> None:
    ann = Contact.objects.get(contact_number="ann")
    later = Authorisation.objects.create(
        contact=ann, purpose="institution", channel="email", value="no", origin="import",
        changed_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    ask("ann@example.org")
    path = link_in(house.mails[0])
    refused = visitor().post(path)
    assert refused.status_code == 422
    told = refused.content.decode()
    assert 'role="alert"' in told
    assert 'class="public"' in told, "not a page for operators"
    later.delete()
    assert visitor().post(path).status_code == 303
    assert ann.authorisations.latest("changed_at").value == "yes"


def test_where_no_mail_goes_out_nobody_is_left_waiting(
    house: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("one@example.org").status_code == 303
    with override_settings(PUBLIC_URL=""):
        assert ask("two@example.org").status_code == 503
    monkeypatch.setenv("FADEOUT_SMTP_URL", "smtp://127.0.0.1:1")
    assert ask("three@example.org").status_code == 503
    monkeypatch.delenv("FADEOUT_SMTP_URL")
    assert ask("four@example.org").status_code == 503
    assert [mail["To"] for mail in house.mails] == ["one@example.org"]


def test_too_many_mails_to_an_address_are_not_sent_and_nobody_is_told(house: Box) -> None:
    answers = [ask("flood@example.org") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {303}
    assert len(house.mails) == 3


def test_too_many_requests_from_a_source_are_told(house: Box) -> None:
    answers = [ask(f"a{n}@example.org").status_code for n in range(21)]
    assert answers == [303] * 20 + [429]


@pytest.mark.parametrize(
    "wrong", [{"email": "no address"}, {"answer_0": ""}, {"number": 1}, {"spoken": "xx"}]
)
def test_what_is_wrong_is_said_at_its_place(house: Box, wrong: dict[str, Any]) -> None:
    answer = ask(wrong.pop("email", "ok@example.org"), **wrong)
    assert answer.status_code == 422
    assert b"errorlist" in answer.content
    assert not house.mails


def test_it_is_there_only_if_the_house_switches_it_on(house: Box) -> None:
    assert visitor().get("/subscribe/").status_code == 200
    brand.change(Look(), now=support.NOW)
    assert visitor().get("/subscribe/").status_code == 404
    assert ask("new@example.org").status_code == 404
