"""Requests to be forgotten: held until they are answered, by hand not forbidden by themselves, then done."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from fadeout.contacts import operations as contacts
from fadeout.contacts import records
from fadeout.contacts.models import Contact, Hold
from fadeout.contacts.refusals import Refused, Why
from fadeout.ledger.models import Entry, Kind
from fadeout.plans import by_hand
from fadeout.plans.models import PlanRow
from fadeout.policy.outcomes import Outcome, Reason
from fadeout.recency.queries import Question
from fadeout.rights import operations, queries
from fadeout.rights.models import Identified, Request, State
from tests import support
from tests.model.house import Hold as ModelHold
from tests.plans.house import contact, house, sale

NOW, TODAY = support.NOW, support.AS_OF
QUESTION = Question(as_of=TODAY, months=36, time_zone=support.TIME_ZONE)


@pytest.fixture
def three(database: str, tmp_path: Path) -> None:
    """All inactive; B bought, C is held by a request that came by another way."""
    rows = (contact("A"), contact("B"), *sale("O1", "B"), contact("C"))
    other = ModelHold(contact_number="C", reason="request", owner="lawyer")
    support.imported(house(*rows, other), tmp_path / "in")


def of(number: str) -> UUID:
    return Contact.objects.get(contact_number=number).public_id


def ask(number: str) -> operations.Opened:
    return operations.open_erasure(
        of(number), identified=Identified.LINK, time_zone=support.TIME_ZONE, now=NOW
    )


def forbids(number: str) -> tuple[Reason, ...]:
    effect = by_hand.effect(Contact.objects.get(contact_number=number).pk, QUESTION)
    assert effect is not None
    return effect.forbidding


def test_a_request_holds_its_contact_and_has_a_last_day(three: None) -> None:
    opened = ask("A")
    assert opened.is_new
    assert opened.request.due_on == date(2026, 7, 1)
    assert not ask("A").is_new
    [row] = queries.open_requests()
    assert (row.state, row.contact, row.public_id) == (
        State.OPEN,
        of("A"),
        opened.request.public_id,
    )
    assert not row.is_late(row.due_on)
    assert row.is_late(row.due_on + timedelta(days=1))
    rows = dict(
        PlanRow.objects.filter(plan=support.simulated()).values_list(
            "contact__contact_number", "outcome"
        )
    )
    assert rows == {"A": Outcome.KEEP, "B": Outcome.ANONYMISE, "C": Outcome.KEEP}
    [entry] = Entry.objects.filter(kind=Kind.REQUEST)
    assert entry.facts == {
        "request": str(row.public_id), "kind": "erasure", "what": "opened", "identified": "link",
        "due": "2026-07-01",
    }  # fmt: skip


@pytest.mark.parametrize("number", ["A", "B"])
def test_forgetting_by_hand_answers_it(three: None, number: str) -> None:
    opened = ask(number)
    assert forbids(number) == ()
    assert by_hand.effect(Contact.objects.get(contact_number=number).pk, QUESTION).is_asked
    run = support.run(support.approved(support.forgotten(number)), without_recovery=True)
    assert run.state == "done"
    row = queries.by_public_id(opened.request.public_id)
    assert row is not None
    assert (row.state, row.contact, row.erased_on) == (State.DONE, None, TODAY)
    assert queries.open_requests() == []
    assert [closed.public_id for closed in queries.closed_requests(9)] == [row.public_id]


def test_another_request_forbids_as_before(three: None) -> None:
    assert forbids("C") == (Reason.REQUEST,)
    ask("C")
    assert forbids("C") == (Reason.REQUEST,)
    assert Hold.objects.get(contact__contact_number="C").owner == "lawyer"


def test_a_hold_that_is_over_does_not_stand_for_it(three: None) -> None:
    Hold.objects.filter(contact__contact_number="C").update(until=TODAY - timedelta(days=1))
    ask("C")
    hold = Hold.objects.get(contact__contact_number="C")
    assert (hold.of_request, hold.until, hold.owner) == (True, None, None)
    assert forbids("C") == ()


def test_closed_without_erasure_it_needs_a_reason_and_lets_go(three: None) -> None:
    request = ask("A").request
    by = support.operator()
    with pytest.raises(Refused, check=lambda error: error.why is Why.EMPTY):
        operations.refuse(request.public_id, reason=" ", by=by, now=NOW)
    assert queries.open_requests()
    operations.refuse(request.public_id, reason="Zephyrine owes us", by=by, now=NOW)
    assert not Hold.objects.filter(contact__contact_number="A").exists()
    [row] = queries.closed_requests(9)
    assert (row.state, row.refusal) == (State.REFUSED, "Zephyrine owes us")
    assert "Zephyrine" not in str([entry.facts for entry in Entry.objects.all()])
    with pytest.raises(operations.NotOpen):
        operations.refuse(request.public_id, reason="again", by=by, now=NOW)
    assert ask("A").is_new
    # Once the contact goes, what was typed about them goes, too.
    support.run(support.approved(support.forgotten("A")))
    assert set(Request.objects.values_list("contact", "refusal")) == {(None, None)}
    assert {row.state for row in queries.closed_requests(9)} == {State.REFUSED, State.DONE}


def test_its_hold_ends_with_it_alone(three: None) -> None:
    ask("A")
    hold = Hold.objects.get(contact__contact_number="A")
    seen = records.version(records.holds(hold.contact))
    by = support.operator()
    for change in (
        lambda: contacts.lift_hold(of("A"), hold.pk, seen=seen, by=by, now=NOW),
        lambda: contacts.change_hold(
            of("A"), hold.pk, until=TODAY, owner=None, seen=seen, today=TODAY, by=by, now=NOW
        ),
    ):
        with pytest.raises(Refused, check=lambda error: error.why is Why.BELONGS_TO_REQUEST):
            change()
