"""Double opt-in: nothing is on file before it is confirmed, once, by whoever reads the mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fadeout.contacts import offering, subscriptions
from fadeout.contacts.models import Attempt, Authorisation, Contact, Criterion
from fadeout.contacts.offering import OfferedAuthorisation, Words
from fadeout.contacts.refusals import Refused
from fadeout.contacts.subscriptions import GOOD_FOR, Subscription
from tests import support
from tests.contacts.offered import LETTER, offered
from tests.model.house import Authorisation as ModelAuthorisation
from tests.plans.house import OLD, contact, house

NOW = support.NOW


@pytest.fixture
def open_house(database: str, tmp_path: Path) -> None:
    """Two contacts share an address; the younger one said no."""
    rows = (
        contact("A", email="Ann@Example.org"),
        contact("B", email="ann@example.org", created_at=NOW),
        ModelAuthorisation(contact_number="A", changed_at=OLD, value="yes"),
    )
    support.imported(house(*rows), tmp_path / "in")
    offered()


def asked(email: str = "new@example.org", **more: Any) -> Subscription:
    known = {"language": "fr", "number": 3, "answers": (0,), "criteria": {"likes": "opera"}}
    return Subscription(email=email, **(known | more))


def test_somebody_new_is_on_file_once_they_confirm(open_house: None) -> None:
    token = subscriptions.sealed(asked(), now=NOW)
    assert "new" not in token
    assert Contact.objects.count() == 2
    later = NOW + timedelta(hours=47)
    assert subscriptions.opened(token, now=later) == asked()
    assert Contact.objects.count() == 2, "looking changes nothing"
    public_id = subscriptions.confirm(token, now=later)
    found = Contact.objects.get(public_id=public_id)
    assert (found.email, found.language, found.kind) == ("new@example.org", "fr", "individual")
    assert found.created_at == found.email_validated_at == later
    [row] = Authorisation.objects.filter(contact=found)
    assert (row.purpose, row.value, row.origin) == ("institution", "yes", "contact")
    assert row.wording.startswith("Nouvelles")
    assert row.evidence == "subscription, confirmed by mail, wording 3 in fr"
    assert Criterion.objects.get(contact=found).value == "opera"
    # Once, whoever tries it again.
    assert subscriptions.confirm(token, now=later) is None
    assert Authorisation.objects.filter(contact=found).count() == 1


def test_whoever_is_on_file_is_asked_likewise_and_says_yes_anew(open_house: None) -> None:
    token = subscriptions.sealed(asked("ann@example.org"), now=NOW)
    public_id = subscriptions.confirm(token, now=NOW)
    found = Contact.objects.get(public_id=public_id)
    assert found.contact_number == "A", "the longest on file"
    assert Contact.objects.count() == 2
    assert Authorisation.objects.filter(contact=found, changed_at=NOW).count() == 1


def test_the_words_that_were_shown_are_kept_although_they_changed_since(open_house: None) -> None:
    token = subscriptions.sealed(asked(), now=NOW)
    other = OfferedAuthorisation("institution", "email", {"en": Words("Mail", "Other words.")})
    offering.offer_authorisation(
        other, instead_of=LETTER.key, seen=3, by=support.operator(), now=NOW
    )
    subscriptions.confirm(token, now=NOW)
    assert "Le théâtre" in Authorisation.objects.get(changed_at=NOW).wording


def test_a_link_that_is_not_good_adds_nobody(open_house: None) -> None:
    token = subscriptions.sealed(asked(), now=NOW)
    too_late = NOW + GOOD_FOR + timedelta(seconds=2)
    for bad, at in ((token, too_late), (token[:-6] + "AAAAA=", NOW), ("", NOW), ("é", NOW)):
        assert subscriptions.opened(bad, now=at) is None
        assert subscriptions.confirm(bad, now=at) is None
    assert Contact.objects.count() == 2
    assert subscriptions.confirm(token, now=NOW) is not None


def test_limits_keep_no_list(open_house: None) -> None:
    allowed = [subscriptions.may_mail("Ann@example.org", now=NOW) for _ in range(5)]
    assert allowed == [True, True, True, False, False]
    assert not subscriptions.may_mail("ann@EXAMPLE.org", now=NOW)
    assert subscriptions.may_mail("eve@example.org", now=NOW)
    assert subscriptions.may_ask("192.0.2.1", now=NOW)
    assert Attempt.objects.count() == 3
    told = str(list(Attempt.objects.values()))
    assert "ann" not in told
    assert "192" not in told
    assert subscriptions.may_mail("ann@example.org", now=NOW + timedelta(days=1))
    assert Attempt.objects.count() == 1, "what is over is gone"


@pytest.mark.parametrize("text", ["", "  ", "ann", "ann@", "a b@example.org", "a@example.org\nx"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        subscriptions.checked_email(text)
