"""The house shows what there is to show: every kind of visitor, every reason, every month."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from itertools import product

from fadeout.policy.outcomes import Activity, PlanKind, reasons_of
from tests.demo.conftest import TODAY
from tests.demo.contract import House
from tests.demo.outcomes import ZONE, Decision, day

NOW = f"{TODAY}T05:00:00Z"


def test_outcomes_are_those_of_a_real_house(decision: Decision) -> None:
    everybody = len(decision.contacts)
    active = sum("active" in one.reasons for one in decision.contacts.values())
    assert 0.55 < active / everybody < 0.72
    assert 0.12 < len(decision.of("anonymise")) / everybody < 0.21
    assert 0.08 < len(decision.of("delete")) / everybody < 0.16


def test_every_reason_occurs_and_every_activity(decision: Decision) -> None:
    contacts = decision.contacts.values()
    assert {reason for one in contacts for reason in one.reasons} == set(
        reasons_of(PlanKind.INACTIVITY)
    )
    assert {one.activity for one in contacts} == set(Activity)


def test_exclusions_matter_also_for_the_silent(decision: Decision) -> None:
    silent = Counter(
        reason
        for one in decision.contacts.values()
        if "active" not in one.reasons
        for reason in one.reasons
    )
    assert min(silent[reason] for reason in ("debtor", "creditor", "structure", "role")) > 0


def test_somebody_falls_due_in_every_month_and_more_when_the_season_is_on(
    decision: Decision,
) -> None:
    due = Counter(
        (one.due.year, one.due.month) for one in decision.contacts.values() if one.due is not None
    )
    months = [(2026 + (7 + n) // 12, (7 + n) % 12 + 1) for n in range(36)]
    assert min(due[month] for month in months) > 0
    assert due[2027, 6] > 1.5 * due[2026, 9]


def test_every_pair_of_kind_and_state_occurs(house: House) -> None:
    lines = house.tables["order_lines"]
    kinds, states = ("option", "reservation", "sale"), "standing lapsed cancelled returned"
    assert {(row["kind"], row["state"]) for row in lines} == set(product(kinds, states.split()))
    confirmed = {row["state"] for row in lines if row["confirmed_at"]}
    assert {"standing", "lapsed"} <= confirmed
    assert {row["kind"] for row in lines if row["confirmed_at"]} == {"option"}


def test_nothing_has_happened_that_is_still_to_come(house: House) -> None:
    past = {
        "contacts": "created_at",
        "orders": "ordered_at",
        "clicks": "clicked_at",
        "criteria": "changed_at",
        "authorisations": "changed_at",
        "waiting_list": "added_at",
        "notes": "written_at",
        "account_entries": "booked_at",
    }
    for table, column in past.items():
        assert max(row[column] for row in house.tables[table]) < NOW, table


def test_nobody_acts_before_being_on_file(house: House) -> None:
    created = {row["contact_number"]: row["created_at"] for row in house.tables["contacts"]}
    for order in house.tables["orders"]:
        for column in ("purchase_contact", "cultural_contact"):
            if order[column]:
                assert created[order[column]] <= order["ordered_at"]
    for table, column in (("waiting_list", "added_at"), ("authorisations", "changed_at")):
        for row in house.tables[table]:
            assert created[row["contact_number"]] <= row[column]


def test_there_is_a_coming_season(house: House) -> None:
    lines = house.tables["order_lines"]
    coming = [row for row in lines if row["valid_from"] > NOW]
    assert {row["kind"] for row in coming} == {"option", "reservation", "sale"}
    assert max(row["valid_until"] for row in coming) > "2027-05"
    assert any(row["paid_at"] > NOW for row in house.tables["payments"])
    years = {row["valid_until"][:4] for row in lines} - {""}
    assert years >= {str(year) for year in range(2019, 2028)}


def test_four_organisations_sell_and_one_in_francs(house: House) -> None:
    orders = house.tables["orders"]
    sold = {(row["organisation"], row["currency"]) for row in orders}
    assert sold == {
        ("opera", "EUR"),
        ("playhouse", "EUR"),
        ("museum", "EUR"),
        ("festival", "CHF"),
    }


def test_undated_products_have_no_validity_and_dated_ones_do(house: House) -> None:
    dated = {row["code"]: row["dated"] for row in house.tables["products"]}
    lines = house.tables["order_lines"]
    assert {dated[row["product"]] for row in lines} == {"true", "false"}
    for row in lines:
        assert bool(row["valid_until"]) == (dated[row["product"]] == "true")
        assert row["valid_from"] <= row["valid_until"]


def test_some_evenings_end_on_another_day_than_they_began(house: House) -> None:
    lines = [row for row in house.tables["order_lines"] if "/pass-" not in row["product"]]
    late = [
        row
        for row in lines
        if row["valid_from"] and day(row["valid_from"]) < day(row["valid_until"])
    ]
    assert late
    other_day_in_utc = [
        row
        for row in house.tables["orders"]
        if day(row["ordered_at"]) != datetime.fromisoformat(row["ordered_at"]).date()
    ]
    assert other_day_in_utc
    assert str(ZONE) == "Europe/Berlin"


def test_families_schools_and_walk_ups(house: House) -> None:
    contacts = {row["contact_number"]: row for row in house.tables["contacts"]}
    members = [row for row in contacts.values() if row["created_by"]]
    assert len(members) > 100
    linked = {row["beneficiary_contact"] for row in house.tables["order_lines"]}
    assert {row["contact_number"] for row in members} & linked
    relays = [row for row in contacts.values() if row["kind"] == "relay"]
    assert any(row["structure"] for row in relays)
    assert {contacts[row["structure"]]["kind"] for row in relays if row["structure"]} == {
        "structure"
    }
    orders = house.tables["orders"]
    assert any(not row["purchase_contact"] for row in orders)
    payers = {
        contacts[row["purchase_contact"]]["kind"] for row in orders if row["purchase_contact"]
    }
    assert payers == {"individual", "relay", "structure"}
    assert any(row["cultural_contact"] not in ("", row["purchase_contact"]) for row in orders)
    assert {row["type"] for row in house.tables["answers"]} == {
        "text",
        "address",
        "email",
        "choice",
    }


def test_lines_are_typed_linked_or_blank(house: House) -> None:
    lines = house.tables["order_lines"]
    kinds = Counter(
        (bool(row["beneficiary_contact"]), bool(row["beneficiary_last_name"])) for row in lines
    )
    assert min(kinds[True, False], kinds[False, True], kinds[False, False]) > 500
    for column in ("email", "birth_date", "country"):
        assert any(row[f"beneficiary_{column}"] for row in lines)


def test_money_comes_goes_and_is_missing(house: House) -> None:
    paid = Counter(row["order_number"] for row in house.tables["payments"])
    assert 0.3 < len(paid) / len(house.tables["orders"]) < 0.4
    assert max(paid.values()) == 2
    assert any(row["amount"].startswith("-") for row in house.tables["payments"])
    signs = {row["amount"].startswith("-") for row in house.tables["account_entries"]}
    assert signs == {True, False}


def test_consents_have_histories(house: House) -> None:
    rows = house.tables["authorisations"]
    assert {row["value"] for row in rows} == {"yes", "no", "unanswered"}
    assert {row["origin"] for row in rows} == {"contact", "operator", "import", "system"}
    assert {row["channel"] for row in rows} == {"email", "sms", "phone", "letter"}
    assert {row["purpose"] for row in rows} == {"institution", "partners", "third_parties"}
    assert any(row["wording"] for row in rows)
    assert any(row["evidence"] for row in rows)
    histories: dict[tuple[str, str, str], list[str]] = {}
    for row in sorted(rows, key=lambda row: row["changed_at"]):
        key = row["contact_number"], row["purpose"], row["channel"]
        histories.setdefault(key, []).append(row["value"])
    assert ["yes", "no"] in histories.values()
    assert ["no", "yes"] in histories.values()
    criteria = house.tables["criteria"]
    assert {row["origin"] for row in criteria} == {"contact", "operator", "import", "system"}
    assert any(not row["value"] for row in criteria)
    assert {row["automated"] for row in house.tables["clicks"]} == {"true", "false"}


def test_holds_are_open_ended_running_or_over(house: House) -> None:
    holds = house.tables["holds"]
    assert {"request", "restriction"} < {row["reason"] for row in holds}
    until = [row["until"] for row in holds]
    assert "" in until
    assert any(text > str(TODAY) for text in until)


def test_roles_besides_being_a_customer(house: House) -> None:
    roles = {role for row in house.tables["contacts"] for role in row["roles"].split("|") if role}
    assert roles >= {"supplier", "guide", "producer", "partner"}


def test_born_before_today(house: House) -> None:
    born = [row["birth_date"] for row in house.tables["contacts"] if row["birth_date"]]
    assert born
    assert max(born) < date(2023, 1, 1).isoformat()
