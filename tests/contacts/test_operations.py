"""Changes by hand: the rows they leave, what they do to recency, what they refuse, and runs beside them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.contacts import operations, records
from fadeout.contacts.changing import AuthorisationChange, CriterionChange
from fadeout.contacts.models import Answer, Authorisation, Contact, Criterion, Hold, Note, Origin
from fadeout.contacts.records import version
from fadeout.contacts.refusals import Refused, Why
from fadeout.core import sql
from fadeout.erasure import operations as erasure
from fadeout.ledger.models import Entry, Kind, Text
from fadeout.plans.models import Plan
from fadeout.recency.sheets import Sheet, sheet
from fadeout.runs import chunks
from tests import support
from tests.model import rules
from tests.model.house import Authorisation as ModelAuthorisation
from tests.model.house import Criterion as ModelCriterion
from tests.model.house import House, at
from tests.plans.house import OLD, contact, house, sale

TODAY, NOW = support.AS_OF, support.NOW
SECRET = "Zephyrine Quillfeather"


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    """An approved plan that strikes both."""
    support.imported(house(contact("A"), contact("B"), *sale("O1", "B")), tmp_path / "in")
    return support.approved(support.simulated())


def of(number: str) -> Contact:
    return Contact.objects.get(contact_number=number)


def public_id(number: str = "A") -> UUID:
    return of(number).public_id


def shown(number: str = "A") -> Sheet:
    return sheet(public_id(number), today=TODAY, months=36, time_zone=support.TIME_ZONE)


def allow(
    value: Answer = Answer.YES, *, number: str = "A", seen: str | None = None, **more: Any
) -> int:
    change = AuthorisationChange("institution", "email", value, **more)
    return operations.change_authorisations(
        public_id(number), [change], seen=seen or shown(number).seen.authorisations, now=NOW
    )


def label(value: str | None, *, number: str = "A", seen: str | None = None) -> int:
    return operations.change_criteria(
        public_id(number), [CriterionChange("likes", value)],
        seen=seen or shown(number).seen.criteria, now=NOW,
    )  # fmt: skip


def hold(
    reason: str = "court", *, seen: str | None = None, until: date | None = None, **more: Any
) -> int:
    return operations.put_up_hold(
        public_id(), reason=reason, until=until, owner=more.get("owner"),
        seen=seen or shown().seen.holds, today=TODAY, by=support.operator(), now=NOW,
    )  # fmt: skip


def recency_of(number: str = "A") -> tuple[date, str]:
    stay = shown(number).stay
    return stay.recency_on, stay.activity.value


def test_an_authorisation_given_is_a_row_of_an_operator_and_renews(plan: Plan) -> None:
    assert recency_of() == (date(2001, 2, 3), "created")
    assert allow(wording="We may write.", evidence="form 7") == 1
    [row] = Authorisation.objects.all()
    assert (row.purpose, row.channel, row.value, row.origin) == (
        "institution",
        "email",
        "yes",
        "operator",
    )
    assert (row.changed_at, row.wording, row.evidence) == (NOW, "We may write.", "form 7")
    assert recency_of() == (TODAY, "authorisation")


def test_the_last_authorisation_taken_back_does_not_renew(plan: Plan) -> None:
    allow()
    sql.execute("UPDATE contacts_authorisation SET changed_at = '2015-05-05T12:00Z'")
    assert allow(Answer.NO) == 1
    assert recency_of() == (date(2015, 5, 5), "authorisation")


def test_a_criterion_set_and_removed_renews(plan: Plan) -> None:
    assert label("opera") == 1
    assert recency_of() == (TODAY, "criterion")
    sql.execute("UPDATE contacts_criterion SET changed_at = '2015-05-05T12:00Z'")
    assert label(None) == 1
    assert recency_of() == (TODAY, "criterion")
    assert list(Criterion.objects.order_by("changed_at").values_list("value", "origin")) == [
        ("opera", Origin.OPERATOR), (None, Origin.OPERATOR),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [Answer.NO, Answer.UNANSWERED])
def test_what_is_in_force_already_is_no_change(plan: Plan, value: Answer) -> None:
    assert allow(Answer.UNANSWERED) == label(None) == label("  ") == 0
    if value is Answer.NO:
        allow(value)
    before = Authorisation.objects.count()
    assert allow(value) == 0
    assert Authorisation.objects.count() == before
    assert not Criterion.objects.exists()
    assert recency_of() == (date(2001, 2, 3), "created")


def test_two_changes_within_a_tick_both_stand(plan: Plan) -> None:
    allow()
    allow(Answer.NO)
    [history] = shown().authorisations
    assert [row.value for row in history.rows] == ["no", "yes"]
    assert history.rows[0].changed_at - history.rows[1].changed_at == timedelta(microseconds=1)


def test_a_later_change_on_file_is_not_overtaken(plan: Plan) -> None:
    label("opera")
    sql.execute("UPDATE contacts_criterion SET changed_at = '2030-01-01T00:00Z'")
    with refused(Why.LATER_CHANGE_ON_FILE):
        label("dance")
    assert Criterion.objects.count() == 1


def refused(why: Why) -> Any:
    return pytest.raises(Refused, check=lambda error: error.why is why)


@pytest.mark.parametrize(
    "act",
    [
        lambda seen: allow(Answer.NO, seen=seen.authorisations),
        lambda seen: label("dance", seen=seen.criteria),
        lambda seen: hold("other", seen=seen.holds),
        lambda seen: change(Hold.objects.get().pk, seen=seen.holds),
        lambda seen: lift(Hold.objects.get().pk, seen=seen.holds),
        lambda seen: edit(Note.objects.get().pk, seen=seen.notes),
    ],
)
def test_what_another_tab_changed_is_never_overwritten(
    plan: Plan, act: Callable[[Any], Any]
) -> None:
    seen = shown().seen
    allow()
    label("opera")
    hold()
    operations.add_note(public_id(), text="first", now=NOW)
    before = everything()
    with refused(Why.CHANGED_MEANWHILE):
        act(seen)
    assert everything() == before
    act(shown().seen)
    assert everything() != before


def everything() -> list[Any]:
    models = (Authorisation, Criterion, Hold, Note)
    return [list(model.objects.order_by("pk").values()) for model in models] + [
        Entry.objects.count()
    ]


def change(
    hold_id: int, *, seen: str | None = None, until: date | None = None, owner: str = "Law"
) -> bool:
    return operations.change_hold(
        public_id(), hold_id, until=until, owner=owner, seen=seen or shown().seen.holds,
        today=TODAY, by=support.operator(), now=NOW,
    )  # fmt: skip


def lift(hold_id: int, *, seen: str | None = None) -> None:
    operations.lift_hold(
        public_id(), hold_id, seen=seen or shown().seen.holds, by=support.operator(), now=NOW
    )


def edit(note_id: int, *, seen: str | None = None, text: str = "second") -> bool:
    return operations.edit_note(public_id(), note_id, text=text, seen=seen or shown().seen.notes)


def test_a_hold_is_put_up_changed_and_lifted_and_each_is_recorded_without_its_text(
    plan: Plan,
) -> None:
    number = hold(SECRET, owner=SECRET, until=TODAY)
    assert "hold" in shown().stay.reasons
    assert change(number, until=date(2030, 1, 1), owner=SECRET)
    assert not change(number, until=date(2030, 1, 1), owner=SECRET)
    [kept] = shown().holds
    assert (kept.reason, kept.until, kept.owner, kept.created_at) == (
        SECRET,
        date(2030, 1, 1),
        SECRET,
        NOW,
    )
    lift(number)
    assert "hold" not in shown().stay.reasons
    entries = Entry.objects.filter(kind=Kind.HOLD).order_by("number")
    assert [entry.facts for entry in entries] == [
        {"hold": number, "what": what, "named": "hold"} for what in ("put up", "changed", "lifted")
    ]
    assert {entry.actor for entry in entries} == {support.operator().public_id}
    assert not any(SECRET in str(text.text) for text in Text.objects.all())


@pytest.mark.parametrize("reason", ["restriction", "request"])
def test_a_hold_is_named_as_the_rules_do(plan: Plan, reason: str) -> None:
    hold(reason)
    assert shown().stay.reasons == (reason,)
    assert Entry.objects.get(kind=Kind.HOLD).facts["named"] == reason


def test_bad_holds_and_texts_are_refused_by_code(plan: Plan) -> None:
    hold()
    for why, act in (
        (Why.HELD_ALREADY, hold),
        (Why.ENDED_ALREADY, lambda: hold("new", until=TODAY - timedelta(days=1))),
        (Why.EMPTY, lambda: hold("  ")),
        (Why.TOO_LONG, lambda: hold("x" * 201)),
        (Why.NOT_A_TEXT, lambda: hold("a\0b")),
        (Why.NOT_A_TEXT, lambda: hold("a\ud800b")),
        (Why.NOT_THERE, lambda: lift(999_999)),
        (Why.NOT_THERE, lambda: edit(999_999)),
        (Why.EMPTY, lambda: operations.add_note(public_id(), text=" ", now=NOW)),
        (Why.TOO_LONG, lambda: operations.add_note(public_id(), text="x" * 10_001, now=NOW)),
        (Why.NOT_ON_FILE, lambda: operations.add_note(uuid4(), text="x", now=NOW)),
    ):
        before = everything()
        with refused(why):
            act()
        assert everything() == before


def test_a_hold_of_somebody_else_is_not_there(plan: Plan) -> None:
    hold()
    with refused(Why.NOT_THERE):
        operations.lift_hold(
            public_id("B"),
            Hold.objects.get().pk,
            seen=shown("B").seen.holds,
            by=support.operator(),
            now=NOW,
        )


def test_a_note_is_no_activity(plan: Plan) -> None:
    note = operations.add_note(public_id(), text=" rang\nus ", now=NOW)
    assert [n.text for n in shown().notes] == ["rang\nus"]
    assert edit(note)
    assert not edit(note)
    assert recency_of() == (date(2001, 2, 3), "created")


def test_an_error_tells_nothing_that_was_typed(plan: Plan) -> None:
    hold(SECRET)
    with pytest.raises(Refused) as caught:
        hold(SECRET)
    assert SECRET not in f"{caught.value!s} {caught.value!r} {caught.value.__dict__}"


CHANGES = {
    "authorisation": allow,
    "criterion": lambda: label("opera"),
    "hold": hold,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_after_the_approval_saves_the_contact(plan: Plan, name: str) -> None:
    CHANGES[name]()
    support.run(plan)
    assert list(
        Contact.objects.filter(anonymised_on=None).values_list("contact_number", flat=True)
    ) == ["A"]
    assert plan.rows.get(contact=of("A")).state == "requalified"


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_commits_while_the_run_is_about_to_strike_saves_the_contact(
    plan: Plan, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change holds its locks while the chunk picks its rows, and commits behind it."""
    locked, go_on = threading.Event(), threading.Event()
    met: list[int] = []

    def change_slowly() -> None:
        try:
            with transaction.atomic():
                CHANGES[name]()
                locked.set()
                assert go_on.wait(30)
        finally:
            connections.close_all()

    changing = threading.Thread(target=change_slowly)
    strike = chunks.strike

    def observed(*arguments: Any) -> Any:
        if not met:
            changing.start()
            assert locked.wait(30)
        outcome = strike(*arguments)
        met.append(outcome.locked_elsewhere)
        go_on.set()
        changing.join(30)
        return outcome

    monkeypatch.setattr(chunks, "strike", observed)
    support.run(plan)
    assert sum(met) >= 1  # the run did come by while it was locked
    assert Contact.objects.filter(contact_number="A").exists()
    assert not Contact.objects.filter(contact_number="B").exists()


def test_a_change_that_comes_behind_the_stroke_finds_nobody(plan: Plan, database: str) -> None:
    """It waits for the lock, and is refused once the contact is erased."""
    one, seen = public_id("B"), shown("B").seen
    refusals: list[Any] = []

    def change_late() -> None:
        try:
            operations.change_criteria(
                one, [CriterionChange("likes", "x")], seen=seen.criteria, now=NOW
            )
        except Refused as error:
            refusals.append(error.why)
        finally:
            connections.close_all()

    late = threading.Thread(target=change_late)
    with transaction.atomic():
        sql.rows("SELECT FROM contacts_contact WHERE public_id = %(id)s FOR UPDATE", {"id": one})
        late.start()
        late.join(0.5)
        assert late.is_alive()
        erasure.strike(outcomes={of("B").pk: "anonymise"}, time_zone="UTC", today=TODAY)
    late.join(30)
    assert refusals == [Why.NOT_ON_FILE]
    assert not Criterion.objects.exists()


def test_everything_that_was_added_goes_with_the_contact(plan: Plan) -> None:
    operations.add_note(public_id("B"), text=SECRET, now=NOW)
    allow(number="B", wording=SECRET)
    label(SECRET, number="B")
    for table in ("authorisation", "criterion"):
        sql.execute(f"UPDATE contacts_{table} SET changed_at = '2015-05-05T12:00Z'")
    assert Note.objects.exists()
    support.run(plan)
    assert not any(
        (Note.objects.exists(), Authorisation.objects.exists(), Criterion.objects.exists())
    )


PAIRS = st.tuples(st.sampled_from(("institution", "partners")), st.sampled_from(("email", "sms")))
ANSWERS = st.lists(st.tuples(PAIRS, st.sampled_from(Answer)), min_size=1, max_size=3)
EDITS = st.one_of(
    st.tuples(st.just("authorisation"), ANSWERS),
    st.tuples(st.just("criterion"), st.tuples(st.sampled_from("ab"), st.sampled_from(("x", "y", None)))),
)  # fmt: skip


def test_recency_follows_any_edits_as_the_plain_model_does(database: str) -> None:
    support.founded()

    @settings(max_examples=60, deadline=None)
    @given(edits=st.lists(st.tuples(st.integers(0, 3), EDITS), max_size=8))
    def check(edits: list[Any]) -> None:
        sql.execute("TRUNCATE contacts_contact CASCADE")
        Contact.objects.create(contact_number="A", kind="individual", created_at=OLD)
        model, instant = house(contact("A", created_at=OLD)), at("2020-01-01T22:30:00Z")
        for days, (what, wanted) in edits:
            instant += timedelta(days=days, minutes=1)
            model = edited(model, what, wanted, instant)
            make(what, wanted, instant)
            latest = rules.recency(model, "A", support.TIME_ZONE)
            assert recency_of() == (latest.on, latest.activity)

    check()


def make(what: str, wanted: Any, instant: Any) -> None:
    one = of("A")
    if what == "criterion":
        operations.change_criteria(
            one.public_id,
            [CriterionChange(*wanted)],
            seen=version(records.criteria(one)),
            now=instant,
        )
    else:
        changes = [AuthorisationChange(*pair, value) for pair, value in wanted]
        seen = version(records.authorisations(one))
        operations.change_authorisations(one.public_id, changes, seen=seen, now=instant)


def edited(model: House, what: str, wanted: Any, instant: Any) -> House:
    """The rows that the exchange format has for it; none where nothing changes."""
    if what == "criterion":
        name, value = wanted
        state = {row.criterion: row.value for row in model.criteria}
        if state.get(name) == value:
            return model
        row = ModelCriterion(contact_number="A", criterion=name, value=value, changed_at=instant)
        return replace(model, criteria=(*model.criteria, row))
    state = rules.in_force(model.authorisations, instant)
    new = tuple(
        ModelAuthorisation(contact_number="A", purpose=purpose, channel=channel, value=value.value,
                           changed_at=instant, origin="operator")
        for (purpose, channel), value in dict(wanted).items()
        if state.get((purpose, channel), "unanswered") != value
    )  # fmt: skip
    return replace(model, authorisations=(*model.authorisations, *new))
