"""Pages of contacts' own: what they open, change and tell, and whom they give away (nobody)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings
from django.urls import reverse

from fadeout.campaigns.models import Message
from fadeout.campaigns.tokens import MailKeys
from fadeout.contacts import offering, self_service
from fadeout.contacts.models import Authorisation, Contact, Criterion, Hold
from fadeout.contacts.offering import OfferedAuthorisation, Words
from fadeout.core import clock, paths
from fadeout.institution import brand
from fadeout.institution.brand import Look
from fadeout.links import operations as links
from fadeout.links.tokens import LinkKeys
from fadeout.public.ending import end_links
from fadeout.public.whose import GOOD_FOR
from fadeout.recency.models import Indicator
from fadeout.rights import queries as requests
from tests import support
from tests.campaigns import house as campaigns
from tests.contacts.offered import LETTER, PARTNERS
from tests.public.house import linked, mailed, visitor
from tests.renewal.house import SITE, furnished

GIVES_AWAY = ("First ann", "Last ann", "ann@example.org", "Ann")


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with override_settings(PUBLIC_URL=SITE):
        yield


@pytest.fixture
def ann(database: str) -> Contact:
    furnished()
    return Contact.objects.get(contact_number="ann")


def get(name: str, token: str, **query: str) -> Any:
    return visitor().get(reverse(name, args=[token]), query)


def post(name: str, token: str, **fields: Any) -> Any:
    """Without any cookie, as CSRF protection asks for it elsewhere."""
    client = visitor(enforce_csrf_checks=True)
    return client.post(reverse(name, args=[token]), fields)


def number() -> int:
    return offering.in_force().number


def test_a_mail_opens_a_page_that_gives_nobody_away(ann: Contact) -> None:
    token, _ = mailed(ann)
    page = get("own_preferences", token)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Nouvelles par e-mail" in text, "in her language"
    assert 'lang="fr"' in text
    assert not [told for told in GIVES_AWAY if told in text.replace(token, "")]
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    assert page.cookies.output() == ""
    assert "style=" not in text
    german = get("own_preferences", token, language="de").content.decode()
    assert '<html lang="de">' in german
    assert "Oper" in german


def test_choices_are_saved_with_their_proof_and_renew(ann: Contact) -> None:
    token, message = mailed(ann)
    saved = post(
        "own_preferences", token, number=number(), answer_0="on", answer_1="on", criterion_0="dance"
    )
    assert (saved.status_code, saved["Location"].endswith("?said=saved")) == (303, True)
    [row] = Authorisation.objects.filter(contact=ann, purpose="partners")
    assert (row.value, row.origin) == ("yes", "contact")
    assert row.evidence == (
        f"preference page, wording {number()} in en, link of mailing {message.campaign.public_id}"
    )
    assert Criterion.objects.get(contact=ann).value == "dance"
    ann.refresh_from_db()
    today = clock.local_day(clock.now(), support.TIME_ZONE)
    assert (ann.indicator.recency_on, ann.indicator.activity) == (today, "criterion")
    shown = get("own_preferences", token, said="saved").content.decode()
    assert len(re.findall(r"checked", shown)) == 2
    nothing = post(
        "own_preferences", token, number=number(), answer_0="on", answer_1="on", criterion_0="dance"
    )
    assert nothing["Location"].endswith("?said=nothing")


def test_opening_changes_nothing_whoever_does_it(ann: Contact) -> None:
    token, _ = mailed(ann)
    before = self_service.own_record(ann.public_id)
    for name in ("own_preferences", "own_stay", "own_forget"):
        assert get(name, token).status_code == 200
        assert visitor().head(reverse(name, args=[token])).status_code == 200
    assert self_service.own_record(ann.public_id) == before
    assert requests.open_requests() == []
    assert Authorisation.objects.filter(contact=ann).count() == 1


def recency_of(contact: Contact) -> tuple[Any, str]:
    found = Indicator.objects.get(contact=contact)
    return found.recency_on, found.activity


def test_one_click_unsubscribes_from_everything(ann: Contact) -> None:
    token, _ = mailed(ann)
    before = recency_of(ann)
    assert post("own_preferences", token, everything="yes").status_code == 303
    assert Authorisation.objects.filter(contact=ann, value="no").count() == 1
    assert recency_of(ann) == before, "a no is no activity"
    post("own_preferences", token, number=number(), answer_0="on", answer_1="on")
    assert recency_of(ann) != before
    assert self_service.own_record(ann.public_id).yes == {LETTER.key, PARTNERS.key}
    assert post("own_preferences", token, everything="yes")["Location"].endswith("everything")
    assert self_service.own_record(ann.public_id).allows_nothing
    told = get("own_preferences", token, said="everything", language="en").content.decode()
    assert told.count("directly about an order of yours still comes") == 2
    post("own_preferences", token, number=number(), answer_0="on")
    told = get("own_preferences", token, said="everything", language="en").content.decode()
    assert "unsubscribed from everything" not in told, "an old address tells what is over"


def test_a_box_that_is_not_ticked_any_more_counts_whatever_is_dated_later(ann: Contact) -> None:
    token, _ = mailed(ann)
    later = clock.now() + timedelta(days=3)
    Authorisation.objects.create(
        contact=ann, purpose=LETTER.purpose, channel=LETTER.channel, value="yes", origin="import",
        changed_at=later,
    )  # fmt: skip
    assert self_service.own_record(ann.public_id).yes == {LETTER.key}
    saved = post("own_preferences", token, number=number(), answer_1="on")
    assert (saved.status_code, saved["Location"].endswith("?said=saved")) == (303, True)
    assert self_service.own_record(ann.public_id).yes == {PARTNERS.key}


def test_staying_writes_the_yes_anew(ann: Contact) -> None:
    token = linked(ann)
    wrong = post("own_stay", token, number=number())
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.content.decode()
    stays = post("own_stay", token, number=number(), answer_0="on")
    assert stays.status_code == 303
    latest = Authorisation.objects.filter(contact=ann).latest("changed_at")
    assert (latest.value, latest.origin) == ("yes", "contact")
    assert latest.evidence.startswith("stay page, wording")
    ann.refresh_from_db()
    assert ann.indicator.recency_on == clock.local_day(clock.now(), support.TIME_ZONE)
    assert get("own_stay", token, said="stays").status_code == 200


def test_words_changed_meanwhile_are_shown_once_more(ann: Contact) -> None:
    token, _ = mailed(ann)
    old = number()
    other = OfferedAuthorisation("partners", "email", {"en": Words("Partners", "And theirs.")})
    offering.offer_authorisation(
        other, instead_of=PARTNERS.key, seen=old, by=support.operator(), now=support.NOW
    )
    answer = post("own_preferences", token, number=old, answer_1="on")
    assert answer.status_code == 409
    assert "And theirs." in answer.content.decode()
    assert f'name="number" value="{old + 1}"' in answer.content.decode()
    assert not Authorisation.objects.filter(contact=ann, purpose="partners").exists()


def test_to_be_forgotten_is_asked_for_by_a_second_page(ann: Contact) -> None:
    token, _ = mailed(ann)
    page = get("own_preferences", token).content.decode()
    assert reverse("own_forget", args=[token]) in page
    asked = post("own_forget", token)
    assert asked.status_code == 303
    [request] = requests.open_requests()
    assert (request.contact, request.identified) == (ann.public_id, "link")
    assert Hold.objects.get(contact=ann).of_request
    post("own_forget", token)
    assert len(requests.open_requests()) == 1
    assert post("own_stay", token, number=number(), answer_0="on").status_code == 303
    told = get("own_stay", token, said="stays", language="en").content.decode()
    assert "Yet we forget you as you asked" in told
    assert "go on keeping your details" not in told
    page = get("own_preferences", token).content.decode()
    assert reverse("own_forget", args=[token]) not in page


def test_links_that_open_nothing_all_look_alike(ann: Contact) -> None:
    token, _ = mailed(ann)
    bob, _ = mailed(Contact.objects.get(contact_number="bob"))
    too_old, old = mailed(Contact.objects.get(contact_number="cleo"))
    Message.objects.filter(pk=old.pk).update(claimed_at=clock.now() - GOOD_FOR - timedelta(days=1))
    expired = linked(ann, expires_at=support.NOW)
    revoked_for = uuid4()
    revoked = linked(ann, issued_for=revoked_for)
    links.revoke(issued_for=revoked_for, now=support.NOW)
    good = get("own_preferences", bob)
    assert good.status_code == 200
    support.run(support.approved(support.forgotten("bob")))
    made_up = MailKeys(paths.keys()).token(uuid4())
    tampered = token[:-1] + ("A" if token[-1] != "A" else "B")
    tokens = (bob, too_old, expired, revoked, made_up, tampered, "x", "r" * 400)
    pages = [get(name, t) for t in tokens for name in ("own_preferences", "own_stay", "own_forget")]
    pages += [post("own_preferences", t, everything="yes") for t in tokens]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert get("own_preferences", token).status_code == 200


def test_links_that_went_astray_are_ended_and_later_ones_are_good(ann: Contact) -> None:
    mail, link = mailed(ann)[0], linked(ann)
    other, _ = mailed(Contact.objects.get(contact_number="bob"))
    assert {get("own_preferences", token).status_code for token in (mail, link)} == {200}
    end_links(ann.public_id, now=clock.now())
    assert {get("own_preferences", token).status_code for token in (mail, link)} == {404}
    assert get("own_preferences", other).status_code == 200
    Message.objects.filter(contact=ann).delete()
    assert get("own_preferences", mailed(ann)[0]).status_code == 200
    assert get("own_preferences", linked(ann)).status_code == 200


def test_the_brand_is_served_as_a_stylesheet_of_its_own(ann: Contact) -> None:
    assert visitor().get("/brand.css").content == b""
    assert visitor().get("/brand.png").status_code == 404
    brand.change(Look("Opéra", "#0b4f75", "#ffd083", "https://www.example.org/p"), now=support.NOW)
    sheet = visitor().get("/brand.css")
    assert sheet["Content-Type"].startswith("text/css")
    assert b"--gel: #0b4f75" in sheet.content
    assert b"color: #000000" in sheet.content, "black on light"
    page = get("own_stay", linked(ann)).content.decode()
    assert "Opéra" in page
    assert "https://www.example.org/p" in page


def test_a_click_leads_on_to_the_own_page_and_nowhere_else(ann: Contact) -> None:
    own = links.add(name="own", destination=f"{SITE}/s/", by=support.operator(), now=support.NOW)
    for link, expected in ((own, True), (campaigns.link(), False)):
        token = links.issue(
            link, contacts=[ann.pk], issued_for=uuid4(), expires_at=None,
            keys=LinkKeys(paths.keys()), now=support.NOW,
        )[ann.pk]  # fmt: skip
        to = visitor().get(f"/r/{token}")["Location"]
        assert to == (f"{SITE}/s/{token}" if expected else link.destination)
        if expected:
            assert get("own_stay", token).status_code == 200
    anybody = visitor().get(f"/r/{own.code}")["Location"]
    assert anybody == f"{SITE}/s/"
    assert visitor().get("/s/").status_code == 200
