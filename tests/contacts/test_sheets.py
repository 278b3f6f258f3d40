"""The contact sheet: all that is on file, and why the contact stays until when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fadeout.contacts.models import Contact, ContactKind
from fadeout.recency import sheets
from fadeout.recency.sheets import Sheet, sheet
from tests import support
from tests.model import rules
from tests.model.house import AccountEntry, Authorisation, Criterion, Hold, Note, OrderLine, at, day
from tests.plans.house import RECENT, contact, house, line, order, sale

PEOPLE = house(
    contact("S", kind="structure", last_name="Lycée"),
    contact("P", first_name="Pia"),
    contact("R", kind="relay", structure="S", created_by="P", first_name="Rosa", last_name="Roth",
            email="rosa@example.org", town="Genève", country="CH", roles=("guide", "partner")),
    *sale("O1", "R"),
    order("O2", "P", cultural_contact="R", ordered_at=RECENT),
    line("O2", line=1, price=Decimal("7.50")),
    OrderLine(order_number="O2", line=2, product="voucher", kind="reservation", beneficiary_contact="R"),
    Authorisation(contact_number="R", value="yes", changed_at=at("2019-01-01T12:00Z")),
    Authorisation(contact_number="R", value="no", changed_at=at("2020-01-01T12:00Z"), wording="no more"),
    Criterion(contact_number="R", value="opera", changed_at=at("2021-01-01T12:00Z")),
    Hold(contact_number="R", reason="court", until=day("2027-01-01"), owner="Law"),
    AccountEntry(entry_number="1", contact_number="R", organisation="opera", amount=Decimal(5)),
    Note(note_number="1", contact_number="R", text="rang"),
)  # fmt: skip


@pytest.fixture
def here(database: str, tmp_path: Path) -> None:
    support.imported(PEOPLE, tmp_path / "in")


def of(number: str) -> Sheet:
    one = Contact.objects.get(contact_number=number).public_id
    return sheet(one, today=support.AS_OF, months=36, time_zone=support.TIME_ZONE)


def test_everything_is_there(here: None) -> None:
    rosa = of("R")
    assert (rosa.identity.last_name, rosa.identity.address.town) == ("Roth", "Genève")
    assert rosa.identity.roles == ("guide", "partner")
    assert rosa.identity.kind is ContactKind.RELAY
    assert rosa.ties.structure is not None
    assert rosa.ties.structure.last_name == "Lycée"
    assert rosa.ties.created_by is not None
    assert rosa.ties.created_by.contact_number == "P"
    assert [tie.contact_number for tie in of("P").ties.community] == ["R"]
    assert [tie.contact_number for tie in of("S").ties.relays] == ["R"]
    [history] = rosa.authorisations
    assert [(row.value, row.wording) for row in history.rows] == [("no", "no more"), ("yes", None)]
    assert history.in_force.value == "no"
    assert [(c.criterion, c.in_force.value) for c in rosa.criteria] == [("likes", "opera")]
    assert [(h.reason, h.until, h.owner) for h in rosa.holds] == [
        ("court", date(2027, 1, 1), "Law")
    ]
    assert [note.text for note in rosa.notes] == ["rang"]
    assert rosa.orders.count == 2
    latest, first = rosa.orders.latest
    assert (latest.order_number, latest.parts, latest.lines) == (
        "O2",
        ("beneficiary", "cultural"),
        2,
    )
    assert (latest.amount, latest.kinds, latest.organisation) == (
        Decimal("7.50"), ("reservation", "sale"), "Opera",
    )  # fmt: skip
    assert (first.order_number, first.parts) == ("O1", ("purchase",))


def test_it_says_until_when_and_why(here: None) -> None:
    stay = of("R").stay
    assert (stay.recency_on, stay.activity.value, stay.months) == (
        date(2026, 3, 3),
        "reservation",
        36,
    )
    assert stay.due_on == rules.falls_due_on(date(2026, 3, 3), 36)
    assert stay.stays_until == stay.due_on - timedelta(days=1) == date(2029, 3, 3)
    assert stay.behind is not None
    assert (stay.behind.order_number, stay.behind.part) == ("O2", "beneficiary, cultural contact")
    assert stay.reasons == ("active", "creditor", "role", "hold", "open_order")
    assert {e.reason for e in stay.exclusions} == {"creditor", "role", "hold"}
    assert stay.is_kept_by_recency
    assert not stay.is_prospect
    assert stay.outcome == "keep"


def test_a_prospect_who_is_due(here: None) -> None:
    stay = of("S").stay
    assert (stay.activity.value, stay.is_prospect, stay.is_kept_by_recency) == (
        "created",
        True,
        False,
    )
    assert stay.reasons == ("structure",)
    assert stay.stays_until is not None
    assert stay.stays_until < support.AS_OF
    assert stay.behind is not None
    assert stay.behind.because == "no_activity"


def test_long_lists_are_cut_and_counted(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = of("R")
    monkeypatch.setattr(sheets, "MOST_ACTIVITIES", 2)
    cut = of("R")
    assert cut.activities == whole.activities[:2]
    assert cut.activity_count == whole.activity_count == len(whole.activities) > 2


def test_a_sheet_asks_a_fixed_number_of_queries(here: None) -> None:
    with CaptureQueriesContext(connection) as caught:
        of("R")
    reading = [
        q
        for q in caught.captured_queries
        if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    assert len(reading) == 21
