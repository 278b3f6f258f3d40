"""Targets are made, changed, frozen and removed; what cannot be asked is refused by its place."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from fadeout.contacts.models import Contact
from fadeout.institution import operations as institution
from fadeout.ledger.models import Entry, Kind
from fadeout.targets import explaining, export, operations, queries, words
from fadeout.targets.compiling import Ground
from fadeout.targets.conditions import DEEPEST, MOST_CONDITIONS, Fault, read
from fadeout.targets.models import Member, Target
from fadeout.targets.refusals import ConditionsRefused, Refusal, TargetRefused
from tests import support
from tests.model import rules
from tests.model.house import at
from tests.plans.house import RECENT, contact, house, sale, three

NOW, ZONE = support.NOW, support.TIME_ZONE
EMAIL = {"on": "email", "test": "set"}


def add(name: str, *parts: dict[str, Any], how: str = "all") -> Target:
    return operations.add(name=name, conditions={how: list(parts)}, by=support.operator(), now=NOW)


def change(target: Target, *parts: dict[str, Any], seen: str | None = None) -> Target:
    return operations.change(
        target, name=target.name, conditions={"all": list(parts)}, seen=seen or target.stamp,
        by=support.operator(), now=NOW + timedelta(seconds=1),
    )  # fmt: skip


def within(target: Target) -> dict[str, Any]:
    return {"on": "target", "test": "is", "value": str(target.public_id)}


def members(target: Target, now: Any = NOW) -> list[str]:
    found = queries.contacts(target, now, ZONE).order_by("contact_number")
    return list(found.values_list("contact_number", flat=True))


def faults(data: Any) -> list[tuple[tuple[int, ...], str, Fault]]:
    tree, mistakes = read(data)
    assert (tree is None) == bool(mistakes)
    return [(m.path, m.entry, m.fault) for m in mistakes]


def deep(levels: int) -> dict[str, Any]:
    return {"all": [deep(levels - 1)]} if levels > 1 else {"all": [EMAIL]}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"all": []}, []),
        ({"any": []}, [((), "any", Fault.EMPTY_GROUP)]),
        (None, [((), "", Fault.NOT_A_GROUP)]),
        ({"all": "x"}, [((), "all", Fault.NOT_A_GROUP)]),
        ({"all": [EMAIL], "any": []}, [((), "", Fault.NOT_A_GROUP)]),
        (deep(DEEPEST), []),
        (deep(DEEPEST + 1), [((0,) * DEEPEST, "all", Fault.TOO_DEEP)]),
        ({"all": [EMAIL] * MOST_CONDITIONS}, []),
        ({"all": [{"any": [EMAIL] * 30}, {"any": [EMAIL] * 30}]}, [((), "", Fault.TOO_MANY)]),
        ({"all": [{"on": "email; DROP TABLE x", "test": "set"}]}, [((0,), "on", Fault.UNKNOWN_ON)]),
        ({"all": [{"on": "email", "test": "before"}]}, [((0,), "test", Fault.UNKNOWN_TEST)]),
        ({"all": [EMAIL | {"sql": "x"}]}, [((0,), "sql", Fault.UNKNOWN_ENTRY)]),
        ({"all": [EMAIL | {"value": "x"}]}, [((0,), "value", Fault.UNKNOWN_ENTRY)]),
        ({"all": [EMAIL, {"any": ["x"]}]}, [((1, 0), "", Fault.UNKNOWN_ON)]),
        (
            {"all": [{"on": "criterion", "test": "is", "name": " ", "value": ["x"]}]},
            [((0,), "name", Fault.MISSING), ((0,), "value", Fault.NOT_A_TEXT)],
        ),
        (
            {"all": [{"on": "postcode", "test": "between", "value": "1200", "until": "12000"}]},
            [((0,), "until", Fault.BACKWARDS)],
        ),
        *(
            ({"all": [{"on": "created", "test": "from", "value": wrong}]}, [((0,), "value", fault)])
            for wrong, fault in (
                ("2024-02-30", Fault.NOT_A_DAY), ("99991231", Fault.NOT_A_DAY), ("1.2.24", Fault.NOT_A_DAY),
                ("2024\x00", Fault.NOT_A_TEXT), ("2" * 201, Fault.TOO_LONG), (None, Fault.MISSING),
            )
        ),
        *(
            ({"all": [{"on": "recency", "test": "due_within", "value": wrong}]},
             [((0,), "value", Fault.NOT_MONTHS)])
            for wrong in ("-1", "1.5", "1201", "²")
        ),
        ({"all": [{"on": "country", "test": "is", "value": "CHE"}]}, [((0,), "value", Fault.NOT_A_COUNTRY)]),
        ({"all": [{"on": "kind", "test": "is", "value": "dog"}]}, [((0,), "value", Fault.NOT_ONE_OF)]),
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_not_known_is_refused_by_its_place(data: Any, found: list[Any]) -> None:
    assert faults(data) == found


def test_days_are_kept_as_the_standard_writes_them_and_all_mistakes_are_told() -> None:
    tree, _ = read({"all": [{"on": "recency", "test": "before", "value": " 20241128 "}]})
    assert tree is not None
    assert tree.data() == {"all": [{"on": "recency", "test": "before", "value": "2024-11-28"}]}
    data = {"all": [EMAIL, {"any": [{"on": "created", "test": "from", "value": "x"}, {"on": "y"}]}]}
    _, mistakes = read(data)
    told = str(ConditionsRefused(mistakes, data)).splitlines()
    assert told[0].startswith(
        "part 1 of the group “any”, part 2 of the group “all”: That is no day"
    )
    assert told[1].startswith(
        "part 2 of the group “any”, part 2 of the group “all”: There is no such"
    )


def test_due_is_what_a_plan_as_of_that_day_calls_inactive() -> None:
    for today in (date(2026, 8, 31), date(2024, 2, 29), date(2026, 11, 28)):
        ground = Ground(today, ZONE, 36)
        assert ground.cutoff_in(0) == rules.cutoff(today, 36)
    assert Ground(date(2026, 8, 31), ZONE, 36).cutoff_in(6) == date(
        2024, 2, 28
    )  # as of 28 February 2027


@pytest.mark.usefixtures("database")
def test_no_target_leads_back_to_itself(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    first = add("first", EMAIL)
    second = add("second", {"on": "kind", "test": "is", "value": "relay"}, within(first), how="any")
    third = add("third", within(second))
    for leading, loop in (
        (third, "“first” → “third” → “second” → “first”"),
        (first, "“first” → “first”"),
    ):
        with pytest.raises(ConditionsRefused) as refused:
            change(first, EMAIL, {"any": [within(leading)]})
        [mistake] = refused.value.mistakes
        assert (mistake.path, mistake.fault, mistake.detail) == ((1, 0), Fault.LOOP, loop)
    with pytest.raises(TargetRefused) as needed:
        operations.remove(first, by=support.operator(), now=NOW)
    assert (needed.value.code, needed.value.needed_by) == (Refusal.NEEDED, ("second",))
    frozen = operations.freeze(third, name="frozen", by=support.operator(), now=NOW, time_zone=ZONE)
    assert change(first, within(frozen)).conditions["all"] == [within(frozen)]  # it stands still
    assert {str(Target.objects.get(name=n).public_id) for n in ("first", "second")} <= set(
        queries.others(queries.tree_of(third))
    )


@pytest.mark.usefixtures("database")
def test_two_changes_at_once_close_no_loop(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    one, two = add("one", EMAIL), add("two", EMAIL)
    refused: list[bool] = []

    def point(target: Target, other: Target) -> None:
        try:
            change(target, within(other))
        except ConditionsRefused:
            refused.append(True)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=point, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert refused == [True]


@pytest.mark.usefixtures("database")
def test_what_is_not_on_file_cannot_be_asked_for(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    for on in ("organisation", "product", "target"):
        with pytest.raises(ConditionsRefused) as refused:
            add("x", {"on": on, "test": "is", "value": "nothing"})
        [mistake] = refused.value.mistakes
        assert mistake.fault is (Fault.UNKNOWN_TARGET if on == "target" else Fault.UNKNOWN_CODE)
    for entry, typed in (("purpose", "instituton"), ("channel", "mail")):
        asked = {"on": "authorisation", "test": "is", "purpose": "institution", "channel": "email"}
        with pytest.raises(ConditionsRefused) as refused:
            add("x", asked | {"value": "unanswered", entry: typed})
        assert [(m.entry, m.fault) for m in refused.value.mistakes] == [(entry, Fault.UNKNOWN_CODE)]
    assert not Target.objects.exists()


@pytest.mark.usefixtures("database")
def test_what_targets_ask_about_one_another_is_limited(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    email = {"on": "email", "test": "set"}

    def about(target: Target) -> dict[str, Any]:
        return {"on": "target", "test": "is", "value": str(target.public_id)}

    first = add("first", email)
    row = [first]
    for number in range(2, 11):
        row.append(add(f"the {number}th", about(row[-1])))
    with pytest.raises(ConditionsRefused) as refused:
        add("the 11th", about(row[-1]))
    assert [mistake.fault for mistake in refused.value.mistakes] == [Fault.TOO_MUCH]
    frozen = operations.freeze(
        row[-1], name="frozen", by=support.operator(), now=NOW, time_zone=ZONE
    )
    assert members(add("the 11th", about(frozen))) == members(first)
    with pytest.raises(ConditionsRefused):  # the tenth would be the eleventh
        change(first, about(add("other", email)))
    twenty = [{"none": [about(first)]} for _ in range(20)]
    wide = add("wide", *twenty)
    with pytest.raises(ConditionsRefused):
        add("wider", *[about(wide)] * 26)
    assert add("as wide as can be", *[about(wide)] * 25)


@pytest.mark.usefixtures("database")
def test_erasure_takes_whom_it_erases_out_of_every_target(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    everybody = add("everybody")
    frozen = operations.freeze(
        everybody, name="frozen", by=support.operator(), now=NOW, time_zone=ZONE
    )
    assert members(everybody) == members(frozen) == ["buyer", "kept", "prospect"]
    buyer = Contact.objects.get(contact_number="buyer")
    assert explaining.why(frozen, buyer, NOW, ZONE) is not None
    support.import_folder(house(contact("late", created_at=RECENT)).write_csv(tmp_path / "late"))
    assert members(frozen) == ["buyer", "kept", "prospect"]
    assert members(everybody) == ["buyer", "kept", "late", "prospect"]
    assert support.run(support.approved(support.simulated())).state == "done"
    assert members(frozen) == ["kept"]
    assert members(everybody) == ["kept", "late"]
    assert Member.objects.count() == 1
    assert Contact.objects.filter(pk=buyer.pk).exists()  # anonymised
    assert explaining.why(frozen, buyer, NOW, ZONE) is None
    recorded = [entry.facts["done"] for entry in Entry.objects.filter(kind=Kind.TARGET)]
    assert recorded == ["frozen"]


@pytest.mark.usefixtures("database")
def test_a_change_needs_what_was_seen_and_a_frozen_target_keeps_its_conditions(
    tmp_path: Path,
) -> None:
    support.imported(three(), tmp_path / "in")
    target = add("name", EMAIL)
    seen = target.stamp
    change(target, EMAIL, EMAIL)
    with pytest.raises(TargetRefused) as refused:
        change(target, EMAIL, seen=seen)
    assert refused.value.code is Refusal.CHANGED_MEANWHILE
    frozen = operations.freeze(
        target, name="frozen", by=support.operator(), now=NOW, time_zone=ZONE
    )
    with pytest.raises(TargetRefused) as refused:
        change(frozen, EMAIL)
    assert refused.value.code is Refusal.FROZEN
    for name, code in (
        (" ", Refusal.NAME_MISSING),
        ("x" * 121, Refusal.NAME_TOO_LONG),
        ("name", Refusal.NAME_TAKEN),
    ):
        with pytest.raises(TargetRefused) as refused:
            add(name, EMAIL)
        assert refused.value.code is code
    operations.remove(frozen, by=support.operator(), now=NOW)
    assert not Member.objects.exists()


@pytest.mark.usefixtures("database")
def test_due_moves_with_the_policy_and_the_day(tmp_path: Path) -> None:
    support.imported(
        house(
            contact("A", created_at=at("2023-06-30T21:59:00Z")),
            contact("B", created_at=at("2023-06-30T22:00:00Z")),
        ),
        tmp_path / "in",
    )  # fmt: skip
    target = add("due", {"on": "recency", "test": "due_within", "value": "1"})
    assert members(target, at("2026-05-31T21:00:00Z")) == []  # cutoff 30 June 2023
    assert members(target, at("2026-05-31T22:00:00Z")) == ["A"]  # 1 June in Zurich: cutoff 1 July
    institution.change_policy(changes={"months": 35}, by=support.operator(), now=NOW)
    assert members(target, at("2026-05-31T21:00:00Z")) == ["A", "B"]


@pytest.mark.usefixtures("database")
def test_the_list_is_what_was_asked_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    people = house(
        contact("=1+1", first_name="@SUM(A1)", last_name='O"Neill, Zoë', email="z@example.org"),
        contact("-2", last_name="plain"), contact("3"),
    )  # fmt: skip
    support.imported(people, tmp_path / "in")
    target = add(
        "some",
        {"none": [{"on": "email", "test": "not_set"}]},
        {"on": "created", "test": "before", "value": "2020-01-01"},
        how="any",
    )
    blocks = list(export.csv_blocks(target, NOW, ZONE))
    assert [number for number, _ in blocks] == [0, 3]
    lines = "".join(text for _, text in blocks).split("\r\n")
    assert lines[1].startswith("'-2,individual,,,plain,")
    assert lines[3] == (
        '\'=1+1,individual,,\'@SUM(A1),"O""Neill, Zoë",z@example.org,,,,,2001-02-03'
    )
    raw = "".join(text for _, text in export.csv_blocks(target, NOW, ZONE, for_spreadsheets=False))
    assert "\r\n=1+1,individual,,@SUM(A1)," in raw


@pytest.mark.usefixtures("database")
def test_what_is_asked_costs_the_same_whatever_is_found(tmp_path: Path) -> None:
    support.imported(house(*(contact(f"{n}") for n in range(12)), *sale("O", "1")), tmp_path / "in")
    first = add("first", {"on": "organisation", "test": "is", "value": "opera"})
    target = add("second", within(first), {"on": "product", "test": "undated"}, EMAIL, how="any")
    costs = {
        "count": lambda: queries.count(queries.contacts(target, NOW, ZONE)),
        "sample": lambda: queries.sample(queries.contacts(target, NOW, ZONE)),
        "why": lambda: explaining.why(target, Contact.objects.get(contact_number="1"), NOW, ZONE),
    }
    found = {}
    for name, asked in costs.items():
        with CaptureQueriesContext(connection) as captured:
            asked()
        found[name] = len(captured)
    assert found == {"count": 7, "sample": 7, "why": 9}
    sample = queries.sample(queries.contacts(add("all"), NOW, ZONE))
    assert len(sample) == 10
    assert [one.contact.pk for one in sample] == [
        one.contact.pk
        for one in queries.sample(queries.contacts(Target.objects.get(name="all"), NOW, ZONE))
    ]


def test_a_tree_is_told_in_words() -> None:
    tree, _ = read({"all": [
        {"on": "recency", "test": "before", "value": "2024-11-28"},
        {"on": "authorisation", "test": "is", "purpose": "institution", "channel": "email", "value": "yes"},
        {"any": [{"on": "postcode", "test": "begins", "value": "12"}, {"on": "product", "test": "dated"}]},
    ]})  # fmt: skip
    assert tree is not None
    assert words.in_words(tree, words.Names()) == (
        "recency before 28 November 2024 and e-mail from the house: yes and "
        "(postcode begins with 12 or bought something with a date)"
    )
