"""Changing what is on file: saved, refused, sent twice, in two tabs, and when somebody else was faster."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from fadeout.accounts.permissions import Role
from fadeout.contacts.models import Authorisation, Contact, Criterion, Hold, Note
from fadeout.core import clock
from tests import support
from tests.console.contacts import house
from tests.console.contacts.house import at_contact, opened
from tests.console.visitors import signed_in, somebody


@pytest.fixture
def client(database: str, tmp_path: Path) -> Client:
    house.imported(tmp_path / "in")
    return signed_in(somebody(Role.DPO))


def send(client: Client, address: str, form: dict[str, str], **changes: str) -> tuple[int, str]:
    """Send a form with some fields filled in; where it leads, if that worked."""
    answer = client.post(address, {**form, **changes})
    if answer.status_code == 302:
        return 302, client.get(answer["Location"]).content.decode()
    return answer.status_code, answer.content.decode()


def test_an_authorisation_is_changed_and_moves_recency_as_the_form_said(client: Client) -> None:
    address = at_contact("R", "authorisations/")
    page = client.get(address).content.decode()
    today = clock.local_day(clock.now(), support.TIME_ZONE)
    assert "Saving one lets this contact stay until" in page
    assert f" {today.year + 3} at least" in page
    form = opened(client, address)
    assert form["on_file-0-value"] == "no"
    status, sheet = send(client, address, form, **{"on_file-0-value": "yes", "wording": "Really?"})
    assert (status, "1 change is saved." in sheet) == (302, True)
    assert "because an authorisation was changed on" in sheet
    assert Authorisation.objects.latest("changed_at").wording == "Really?"
    assert "stays until" in client.get(address).content.decode()
    assert "already, so saving one does not move that" in client.get(address).content.decode()


def test_an_authorisation_that_was_not_there_needs_purpose_and_channel(client: Client) -> None:
    address = at_contact("1001", "authorisations/")
    form = opened(client, address)
    status, page = send(client, address, form, purpose="partners")
    assert (status, "Fill in both, or neither." in page) == (422, True)
    status, page = send(client, address, form, purpose="partners", channel="sms\x07", value="yes")
    assert status == 422
    assert not Authorisation.objects.filter(purpose="partners").exists()
    status, sheet = send(client, address, form, purpose="partners", channel="sms", value="yes")
    assert (status, "from partners · SMS" in sheet) == (302, True)


def test_saving_without_a_change_changes_nothing(client: Client) -> None:
    before = Authorisation.objects.count(), Criterion.objects.count()
    for kind in ("authorisations/", "criteria/"):
        address = at_contact("R", kind)
        status, sheet = send(client, address, opened(client, address))
        assert (status, "Nothing was different" in sheet) == (302, True)
    assert (Authorisation.objects.count(), Criterion.objects.count()) == before


def test_two_tabs_change_an_authorisation(client: Client) -> None:
    address = at_contact("R", "authorisations/")
    mine, theirs = opened(client, address), opened(client, address)
    assert send(client, address, theirs, **{"on_file-0-value": "yes"})[0] == 302
    status, page = send(
        client, address, mine, **{"on_file-0-value": "unanswered", "evidence": "a call"}
    )
    assert status == 409
    assert "Somebody changed this meanwhile." in page
    assert '<span class="tag good">yes</span>' in page.split('class="sheet stack edit"')[0]
    kept = house.fields(page)
    assert (kept["on_file-0-value"], kept["evidence"]) == ("unanswered", "a call")  # what was typed
    assert kept["seen"] != mine["seen"]
    assert Authorisation.objects.count() == 3
    assert send(client, address, kept)[0] == 302  # looked at, and sent once more
    assert Authorisation.objects.latest("changed_at").value == "unanswered"


def test_a_form_that_is_sent_twice_says_that_it_is_on_file(client: Client) -> None:
    address = at_contact("R", "authorisations/")
    form = opened(client, address)
    assert send(client, address, form, **{"on_file-0-value": "yes"})[0] == 302
    status, sheet = send(client, address, form, **{"on_file-0-value": "yes"})
    assert (status, "That is on file already." in sheet) == (302, True)
    address = at_contact("R", "criteria/")
    form = opened(client, address)
    for _ in range(2):
        status, sheet = send(client, address, form, **{"on_file-0-value": "ballet"})
        assert status == 302
    assert "That is on file already." in sheet
    assert (Authorisation.objects.count(), Criterion.objects.count()) == (3, 2)


def test_criteria_are_added_changed_and_removed(client: Client) -> None:
    address = at_contact("R", "criteria/")
    form = opened(client, address)
    assert form["on_file-0-value"] == "opera"
    status, sheet = send(
        client, address, form, **{"on_file-0-value": "", "criterion": "seat", "value": "aisle"}
    )
    assert (status, "2 changes are saved." in sheet) == (302, True)
    assert "<strong>aisle</strong>" in sheet
    assert "removed" in sheet
    status, page = send(client, address, form, **{"on_file-0-value": "jazz"})
    assert (status, "<strong>aisle</strong>" in page) == (409, True)
    assert house.fields(page)["on_file-0-value"] == "jazz"


def test_a_spoilt_form_is_no_success(client: Client) -> None:
    address = at_contact("R", "authorisations/")
    form = opened(client, address)
    for spoilt in ({"on_file-TOTAL_FORMS": "x"}, {"on_file-0-value": "maybe"}, {"seen": ""}):
        assert send(client, address, form, **spoilt)[0] == 422, spoilt
    assert Authorisation.objects.count() == 2


def test_a_hold_is_put_up_changed_and_lifted(client: Client) -> None:
    address = at_contact("1002", "holds/")
    form = opened(client, address)
    status, page = send(client, address, form, reason="audit", owner="Board", until="2020-01-01")
    assert (status, "The last day of the hold is over." in page) == (422, True)
    status, page = send(client, address, form, reason="audit", owner="")
    assert (status, Hold.objects.count()) == (422, 1)
    status, sheet = send(client, address, form, reason="audit", owner="Board")
    assert (status, "without an end" in sheet) == (302, True)
    assert "there is a legal hold.</h1>" in sheet
    status, sheet = send(client, address, form, reason="audit", owner="Board")  # sent twice
    assert (status, "That hold is on file already." in sheet) == (302, True)
    status, page = send(client, address, opened(client, address), reason="audit", owner="Law")
    assert (status, "There is a hold of this reason already." in page) == (422, True)

    hold = Hold.objects.get(reason="audit")
    address = at_contact("1002", f"holds/{hold.pk}/")
    form, other = opened(client, address), opened(client, address)
    assert form["owner"] == "Board"
    assert send(client, address, form, until="2999-01-01")[0] == 302
    status, page = send(client, address, other, owner="Law")
    assert (status, "through 1 January 2999" in page) == (409, True)
    assert house.fields(page)["owner"] == "Law"
    status, page = send(client, address, other, lift="yes")
    assert status == 409
    assert Hold.objects.filter(reason="audit").exists()
    form = opened(client, address)
    assert send(client, address, form, lift="yes")[0] == 302
    assert not Hold.objects.filter(reason="audit").exists()
    for again in ({"lift": "yes"}, {"owner": "Law"}):
        status, sheet = send(client, address, form, **again)
        assert (status, "is not there any more" in sheet) == (302, True)
    assert client.get(at_contact("1002", f"holds/{10**30}/")).status_code == 302


def test_a_mistake_does_not_hide_what_somebody_else_did(client: Client) -> None:
    address = at_contact("1002", "holds/")
    mine, theirs = opened(client, address), opened(client, address)
    assert send(client, address, theirs, reason="audit", owner="Board")[0] == 302
    mine |= {"reason": "court", "owner": "Law", "until": "2020-01-01"}
    status, page = send(client, address, mine)
    assert (status, "The last day of the hold is over." in page) == (422, True)
    mended = house.fields(page) | {"until": ""}
    assert mended["seen"] == mine["seen"]
    status, page = send(client, address, mended)
    assert (status, "audit" in page) == (409, True)


def test_a_note_is_written_once_and_written_anew(client: Client) -> None:
    address = at_contact("1002", "notes/")
    form = opened(client, address)
    assert send(client, address, form, text=" ")[0] == 422
    for _ in range(2):  # sent twice
        assert send(client, address, form, text="rang\nagain")[0] == 302
    [note] = Note.objects.filter(text__startswith="rang\nagain")
    address = at_contact("1002", f"notes/{note.pk}/")
    mine, theirs = opened(client, address), opened(client, address)
    assert mine["text"] == "rang\nagain"
    assert send(client, address, theirs, text="theirs")[0] == 302
    status, page = send(client, address, mine, text="mine")
    assert (status, "theirs" in page, house.fields(page)["text"]) == (409, True, "mine")
    status, sheet = send(client, address, mine, text="theirs")
    assert (status, "says that already" in sheet) == (302, True)
    note.delete()
    status, sheet = send(client, address, mine, text="mine")
    assert (status, "is not there any more" in sheet) == (302, True)


def test_a_note_form_of_another_contact_is_not_taken(client: Client) -> None:
    form = opened(client, at_contact("1002", "notes/"))
    assert send(client, at_contact("1002", "notes/"), form, text="theirs")[0] == 302
    assert send(client, at_contact("1001", "notes/"), form, text="mine")[0] in (409, 422)
    assert not Note.objects.filter(text="mine").exists()


def test_whoever_was_erased_meanwhile_is_told_decently(client: Client) -> None:
    pages = {
        kind: (at_contact("1002", kind), opened(client, at_contact("1002", kind)))
        for kind in ("authorisations/", "criteria/", "holds/", "notes/")
    }
    typed = {
        "purpose": "p",
        "channel": "c",
        "criterion": "c",
        "value": "yes",
        "reason": "r",
        "owner": "o",
        "text": "t",
    }
    assert support.run(support.approved(support.forgotten("1002"))).state == "done"
    for kind, (address, form) in pages.items():
        status, page = send(client, address, form, **typed)
        assert (status, "This contact is not on file." in page) == (404, True), kind
        assert "Nothing of what you sent was saved." in page
    assert not Note.objects.filter(text="t").exists()


def test_a_later_change_on_file_is_told(client: Client) -> None:
    Criterion.objects.create(
        contact=Contact.objects.get(contact_number="1001"), criterion="likes", value="opera",
        changed_at=clock.now() + timedelta(days=9), origin="import",
    )  # fmt: skip
    address = at_contact("1001", "criteria/")
    status, page = send(client, address, opened(client, address), **{"on_file-0-value": "jazz"})
    assert (status, "stays in force" in page) == (422, True)


def test_unknown_contacts_have_no_forms(client: Client) -> None:
    for kind in ("authorisations", "criteria", "holds", "notes", "forget", "holds/1", "notes/1"):
        assert client.get(f"/contacts/{uuid4()}/{kind}/").status_code == 404
