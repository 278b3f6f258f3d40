"""What contacts change themselves: with the words that they saw, and with what it does to their recency."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from fadeout.contacts import offering, self_service
from fadeout.contacts.models import Answer, Authorisation, Contact, Criterion, OfferingVersion
from fadeout.contacts.offering import OfferedAuthorisation, OfferingChangedMeanwhile, Words
from fadeout.contacts.refusals import Refused, Why
from fadeout.contacts.self_service import Place, Said, Wanted
from fadeout.core import sql
from fadeout.ledger.models import Entry, Kind
from fadeout.recency.sheets import sheet
from tests import support
from tests.contacts.offered import LETTER, PARTNERS, offered
from tests.model.house import Authorisation as ModelAuthorisation
from tests.plans.house import OLD, contact, house

NOW, TODAY = support.NOW, support.AS_OF
MAILING = uuid4()
SAID = Said(Place.PREFERENCES, "fr", MAILING)


@pytest.fixture
def ann(database: str, tmp_path: Path) -> UUID:
    """Ann, who said yes to the institution long ago."""
    said_yes = ModelAuthorisation(contact_number="A", changed_at=OLD, value="yes")
    support.imported(house(contact("A", language="fr"), said_yes), tmp_path / "in")
    offered()
    return Contact.objects.get(contact_number="A").public_id


def wanted(number: int | None = None, **more: Any) -> Wanted:
    number = offering.in_force().number if number is None else number
    return Wanted(number, more.get("answers", {}), more.get("criteria", {}))


def recency(ann: UUID) -> tuple[date, str]:
    stay = sheet(ann, today=TODAY, months=36, time_zone=support.TIME_ZONE).stay
    return stay.recency_on, stay.activity.value


def test_an_answer_keeps_the_words_their_version_and_the_mail_and_renews(ann: UUID) -> None:
    before = recency(ann)
    assert before[0] < date(2025, 1, 1)
    answers = {LETTER.key: True, PARTNERS.key: True}
    assert self_service.change(ann, wanted(answers=answers), SAID, now=NOW) == 1
    [row] = Authorisation.objects.filter(changed_at=NOW)
    assert (row.purpose, row.value, row.changed_at) == ("partners", Answer.YES, NOW)
    assert row.wording == "Partners\nPartners may write to me."
    assert row.evidence == f"preference page, wording 3 in en, link of mailing {MAILING}"
    assert recency(ann) == (TODAY, "authorisation")
    assert self_service.own_record(ann).yes == {LETTER.key, PARTNERS.key}


def test_a_box_that_was_never_ticked_stays_unanswered(ann: UUID) -> None:
    answers = {LETTER.key: True, PARTNERS.key: False}
    assert self_service.change(ann, wanted(answers=answers), SAID, now=NOW) == 0
    assert not Authorisation.objects.filter(changed_at=NOW).exists()


def test_staying_says_yes_once_more_with_its_own_proof(ann: UUID) -> None:
    answers = {LETTER.key: True, PARTNERS.key: False}
    assert self_service.stay(ann, wanted(answers=answers), SAID, now=NOW) == 1
    [row] = Authorisation.objects.filter(changed_at=NOW)
    assert (row.purpose, row.value) == ("institution", Answer.YES)
    assert "Le théâtre" in row.wording
    assert recency(ann) == (TODAY, "authorisation")
    with pytest.raises(Refused, check=lambda error: error.why is Why.EMPTY):
        self_service.stay(ann, wanted(answers={LETTER.key: False}), SAID, now=NOW)


def test_unsubscribing_from_everything_is_one_change_and_no_activity(ann: UUID) -> None:
    self_service.change(ann, wanted(answers={PARTNERS.key: True}), SAID, now=NOW)
    sql.execute(
        "UPDATE contacts_authorisation SET changed_at = '2015-05-05' WHERE purpose = 'partners'"
    )
    renewed = recency(ann)
    assert self_service.unsubscribe_from_everything(ann, SAID, now=NOW) == 2
    rows = Authorisation.objects.filter(changed_at=NOW)
    assert {(row.value, row.origin) for row in rows} == {(Answer.NO, "contact")}
    assert self_service.own_record(ann).allows_nothing
    assert recency(ann) == renewed, "no authorisation is yes any more: that is no activity"
    assert self_service.unsubscribe_from_everything(ann, SAID, now=NOW) == 0


def test_criteria_are_set_and_removed(ann: UUID) -> None:
    assert self_service.change(ann, wanted(criteria={"likes": "opera"}), SAID, now=NOW) == 1
    assert self_service.own_record(ann).criteria == {"likes": "opera"}
    assert self_service.change(ann, wanted(criteria={"likes": None}), SAID, now=NOW) == 1
    assert set(Criterion.objects.values_list("value", "origin")) == {
        ("opera", "contact"), (None, "contact"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        {"answers": {("nobody", "email"): True}},
        {"criteria": {"likes": "boxing"}},
        {"criteria": {"hates": None}},
    ],
)
def test_what_is_not_offered_is_not_taken(ann: UUID, asked: dict[str, Any]) -> None:
    with pytest.raises(Refused, check=lambda error: error.why is Why.NOT_OFFERED):
        self_service.change(ann, wanted(**asked), SAID, now=NOW)


def test_words_that_were_changed_meanwhile_are_not_agreed_to(ann: UUID) -> None:
    old = wanted(answers={PARTNERS.key: True})
    other = OfferedAuthorisation("partners", "email", {"en": Words("Partners", "And theirs.")})
    changed = offering.offer_authorisation(
        other, instead_of=PARTNERS.key, seen=old.number, by=support.operator(), now=NOW
    )
    with pytest.raises(OfferingChangedMeanwhile):
        self_service.change(ann, old, SAID, now=NOW)
    assert not Authorisation.objects.filter(changed_at=NOW).exists()
    assert [version.number for version in offering.versions()] == [4, 3, 2, 1]
    assert OfferingVersion.objects.get(number=3).content["authorisations"][1]["words"] == {
        "en": {"label": "Partners", "wording": "Partners may write to me."}
    }
    assert offering.in_force() == changed
    told = [entry.facts["number"] for entry in Entry.objects.filter(kind=Kind.OFFERING)]
    assert told == [1, 2, 3, 4]


def test_an_offering_that_cannot_be_is_refused(ann: UUID) -> None:
    def refused(why: Why) -> Any:
        return pytest.raises(Refused, check=lambda error: error.why is why)

    by, seen = support.operator(), offering.in_force().number
    silent = OfferedAuthorisation("x", "email", {"en": Words("", ""), "fr": Words("", " ")})
    with refused(Why.EMPTY):
        offering.offer_authorisation(silent, seen=seen, by=by, now=NOW)
    with refused(Why.OFFERED_ALREADY):
        offering.offer_authorisation(LETTER, seen=seen, by=by, now=NOW)
    with refused(Why.NOT_THERE):
        offering.withdraw("nothing", seen=seen, by=by, now=NOW)
    with pytest.raises(OfferingChangedMeanwhile):
        offering.withdraw("likes", seen=seen - 1, by=by, now=NOW)
    assert offering.withdraw("likes", seen=seen, by=by, now=NOW).criteria == ()


def test_whoever_is_gone_has_no_page(ann: UUID) -> None:
    support.run(support.approved(support.forgotten("A")))
    for call in (
        lambda: self_service.own_record(ann),
        lambda: self_service.change(ann, wanted(), SAID, now=NOW),
        lambda: self_service.unsubscribe_from_everything(ann, SAID, now=NOW),
    ):
        with pytest.raises(Refused, check=lambda error: error.why is Why.NOT_ON_FILE):
            call()
