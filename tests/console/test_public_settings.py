"""Settings of public pages: what contacts are offered, version by version, and how the pages look."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from fadeout.accounts.permissions import Role
from fadeout.contacts import offering
from fadeout.institution import brand
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.contacts.offered import INTEREST, LETTER, offered
from tests.institution.test_brand import picture

AT = "/settings/public/"


@pytest.fixture
def client(database: str) -> Client:
    support.founded()
    return signed_in(somebody(Role.DPO))


def page(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def authorisation(**more: Any) -> dict[str, Any]:
    known = {
        "seen": offering.in_force().number, "purpose": "institution", "channel": "email",
        "label_en": "News", "wording_en": "You may write.", "label_fr": "Nouvelles",
        "wording_fr": "Vous pouvez écrire.", "label_de": "", "wording_de": "",
    }  # fmt: skip
    return known | more


def test_what_is_offered_is_set_up_changed_and_withdrawn(client: Client) -> None:
    assert "Contacts are offered nothing yet." in page(client.get(AT))
    assert client.post(f"{AT}authorisations/new/", authorisation()).status_code == 302
    [one] = offering.in_force().authorisations
    assert set(one.words) == {"en", "fr"}
    shown = page(client.get(f"{AT}authorisations/1/"))
    assert "Vous pouvez écrire." in shown
    client.post(f"{AT}authorisations/1/", authorisation(wording_en="You may write monthly."))
    assert offering.in_force().authorisations[0].words["en"].wording == "You may write monthly."
    criterion = {
        "seen": 2, "criterion": "likes", "label_en": "I like", "label_fr": "", "label_de": "",
        "choices": "opera | Opera | Opéra | Oper\n\ndance | Dance",
    }  # fmt: skip
    assert client.post(f"{AT}criteria/new/", criterion).status_code == 302
    [likes] = offering.in_force().criteria
    assert [choice.value for choice in likes.choices] == ["opera", "dance"]
    assert likes.choices[0].labels == {"en": "Opera", "fr": "Opéra", "de": "Oper"}
    assert "opera | Opera | Opéra | Oper" in page(client.get(f"{AT}criteria/1/"))
    client.post(f"{AT}criteria/1/", {"seen": 3, "withdraw": "yes"})
    assert offering.in_force().criteria == ()
    shown = page(client.get(AT))
    assert "Contacts decide 1 thing themselves." in shown
    assert "version 4" in shown
    assert client.get(f"{AT}criteria/1/").status_code == 404


@pytest.mark.parametrize(
    ("place", "wrong", "said"),
    [
        ("authorisations", {"purpose": ""}, "This field is required."),
        ("authorisations", {"label_en": "", "wording_en": "", "label_fr": "", "wording_fr": ""},
         "Something that is needed is empty."),
        ("authorisations", {"wording_fr": ""}, "Something that is needed is empty."),
        ("criteria", {"choices": "opera"}, "Line 1: write the value"),
        ("criteria", {"choices": "a | A\na | B"}, "This is offered already."),
    ],
)  # fmt: skip
def test_what_cannot_be_offered_is_said_at_its_field(
    client: Client, place: str, wrong: dict[str, str], said: str
) -> None:
    good = authorisation(criterion="likes", choices="opera | Opera")
    answer = client.post(f"{AT}{place}/new/", good | wrong)
    assert answer.status_code == 422
    assert said in page(answer)
    assert offering.in_force().number == 0


def test_whoever_comes_second_is_told(client: Client) -> None:
    offered()
    answer = client.post(f"{AT}authorisations/1/", authorisation(seen=2))
    assert answer.status_code == 409
    assert "version 3 is in force now" in page(answer)
    client.post(f"{AT}criteria/1/", {"seen": 1, "withdraw": "yes"})
    now = offering.in_force()
    assert (now.number, now.authorisations[0], now.criteria) == (3, LETTER, (INTEREST,))


def test_the_look_is_checked_for_contrast(client: Client) -> None:
    look = {
        "name": "Opéra",
        "accent": "#0B4F75",
        "band": "",
        "privacy_url": "",
        "takes_subscriptions": "on",
    }
    assert client.post(f"{AT}look/", look).status_code == 302
    found = brand.current()
    assert (found.name, found.accent, found.takes_subscriptions) == ("Opéra", "#0b4f75", True)
    for field, value, said in (
        ("accent", "#e8a72c", "its contrast is 1.86 to 1, and 4.5 to 1 is needed"),
        ("band", "blue", "This is no colour."),
        ("privacy_url", "javascript:x", "This is not the address of a page."),
    ):
        answer = client.post(f"{AT}look/", look | {field: value})
        assert answer.status_code == 422
        assert said in page(answer)
    assert brand.current().accent == "#0b4f75"
    assert "contrast 7.80 to 1" in page(client.get(AT))


def test_a_logo_is_uploaded_shown_and_removed(client: Client) -> None:
    def upload(content: bytes) -> HttpResponse:
        file = SimpleUploadedFile("logo.png", content, content_type="image/png")
        return client.post(f"{AT}logo/", {"logo": file})

    refused = upload(b"<svg/>")
    assert refused.status_code == 422
    assert "This is no PNG and no JPEG" in page(refused)
    assert client.get("/brand.png").status_code == 404
    assert upload(picture()).status_code == 302
    served = client.get("/brand.png")
    assert served["Content-Type"] == "image/png"
    assert served.content.startswith(b"\x89PNG")
    client.post(f"{AT}logo/", {"remove": "yes"})
    assert client.get("/brand.png").status_code == 404
