"""The way out of a mail: one POST, no cookie, no redirect; and nothing by opening it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from fadeout.contacts.models import Authorisation, Contact
from tests import support
from tests.campaigns import house
from tests.mail_server import Box


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with house.reachable:
        yield


def latest(number: str) -> str:
    found = Authorisation.objects.filter(contact__contact_number=number)
    return str(found.latest("changed_at").value)


def test_one_post_unsubscribes_and_opening_does_not(database: str, box: Box) -> None:
    support.founded()
    for number in ("1", "2"):
        house.person(number)
    house.sent(house.let_go(house.draft()))
    ways = {mail["To"]: mail["List-Unsubscribe"].strip(" <>\n") for mail in box.mails}
    address = ways["1@example.org"].removeprefix(house.URL)
    scanner = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    for _ in range(3):
        page = scanner.get(address)
        assert (page.status_code, page.cookies) == (200, {})
        assert b"No more mails of this kind?" in page.content
        assert scanner.head(address).status_code == 200
    assert latest("1") == "yes"
    answer = scanner.post(address, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert b"You are unsubscribed" in answer.content
    assert (latest("1"), latest("2")) == ("no", "yes")
    count = Authorisation.objects.count()
    assert scanner.post(address).status_code == 200  # again changes nothing
    assert Authorisation.objects.count() == count


def test_a_token_that_is_wrong_changes_nothing_and_one_of_somebody_gone_tells_nothing(
    database: str, box: Box
) -> None:
    support.founded()
    house.person("1")
    house.sent(house.let_go(house.draft()))
    address = box.mails[0]["List-Unsubscribe"].strip(" <>\n").removeprefix(house.URL)
    visitor = Client(SERVER_NAME="localhost")
    for at in (5, 20, 40, -1):
        turned = "A" if address[at] != "A" else "B"
        bad = address[:at] + turned + (address[at + 1 :] if at != -1 else "")
        if at != -1 or bad[:-1] != address[:-1]:
            assert visitor.post(bad).status_code == 404, at
    assert visitor.post("/u/x").status_code == 404
    assert latest("1") == "yes"
    assert b"link of a test" in visitor.post("/u/test").content
    known = visitor.post(address)
    support.run(support.approved(support.forgotten("1")))
    assert not Contact.objects.exists()
    gone = visitor.post(address)
    assert (gone.status_code, gone.content) == (200, known.content)
