"""The model against the rule book, sentence by sentence, with expectations worked out by hand.

Unless a test says otherwise: as of 15 June 2024, 36 months, so the cutoff is 15 June 2021; UTC.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model.house import (
    AccountEntry,
    Answer,
    Authorisation,
    Click,
    Contact,
    Criterion,
    Hold,
    House,
    Note,
    Order,
    OrderLine,
    Organisation,
    Payment,
    Product,
    WaitingListEntry,
    at,
    day,
    read_csv,
)
from tests.model.rules import (
    ANONYMOUS_NAME,
    ModelRow,
    activities,
    after_run,
    anonymous_number,
    balances,
    cutoff,
    decide_by_hand,
    exported,
    falls_due_on,
    in_force,
    local_day,
    simulate,
)
from tests.model.strategies import Case, cases

AS_OF = day("2024-06-15")
CUTOFF = day("2021-06-15")
PARAMETERS: dict[str, Any] = {"as_of": AS_OF, "months": 36, "time_zone": "UTC"}

ORGANISATIONS = (Organisation(code="opera"), Organisation(code="shop"))
PLAY = Product(code="play", organisation="opera", dated=True)
VOUCHER = Product(code="voucher", organisation="opera", dated=False)

LONG_AGO = at("2015-03-04T10:00:00Z")
BEFORE = at("2021-06-14T12:00:00Z")
ON_CUTOFF = at("2021-06-15T12:00:00Z")
LATER = at("2029-01-02T12:00:00Z")


def house(*rows: Any, **changes: Any) -> House:
    """A house of these rows, with contact A unless contacts are given."""
    files: dict[str, Any] = {}
    for row in rows:
        files.setdefault(FILES[type(row)], []).append(row)
    files.setdefault("contacts", [Contact(contact_number="A", created_at=LONG_AGO)])
    changes.update({name: tuple(found) for name, found in files.items()})
    return replace(House(organisations=ORGANISATIONS, products=(PLAY, VOUCHER)), **changes)


FILES = {
    Contact: "contacts",
    Order: "orders",
    OrderLine: "order_lines",
    Answer: "answers",
    Payment: "payments",
    AccountEntry: "account_entries",
    WaitingListEntry: "waiting_list",
    Click: "clicks",
    Criterion: "criteria",
    Authorisation: "authorisations",
    Hold: "holds",
    Note: "notes",
}


def order(number: Any = "O1", **columns: Any) -> Order:
    return Order(
        **{
            "order_number": number,
            "organisation": "opera",
            "purchase_contact": "A",
            "ordered_at": LONG_AGO,
            **columns,
        }
    )


def line(number: Any = "O1", **columns: Any) -> OrderLine:
    return OrderLine(**{"order_number": number, "product": "voucher", **columns})


def only_row(of: House, **changes: Any) -> ModelRow:
    """The row of contact A."""
    rows = simulate(of, **{**PARAMETERS, **changes})
    return next(row for row in rows if row.contact_number == "A")


def found(of: House, number: str = "A", time_zone: str = "UTC") -> list[tuple[str, str]]:
    """Every activity of a contact, as (activity, day)."""
    return sorted((a.activity, a.on.isoformat()) for a in activities(of, number, time_zone))


# -- "Cutoff = as of − months (31 March − 1 month = last day of February)" --------------------


@pytest.mark.parametrize(
    ("as_of", "months", "expected"),
    [
        ("2024-06-15", 36, "2021-06-15"),
        ("2023-03-31", 1, "2023-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2024-03-30", 1, "2024-02-29"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2024-02-29", 48, "2020-02-29"),
        ("2023-02-28", 12, "2022-02-28"),
        ("2025-02-28", 12, "2024-02-28"),
        ("2024-01-31", 1, "2023-12-31"),
        ("2024-01-15", 1, "2023-12-15"),
        ("2024-05-31", 3, "2024-02-29"),
        ("2024-12-31", 13, "2023-11-30"),
        ("2024-07-31", 1, "2024-06-30"),
        ("2024-12-01", 12, "2023-12-01"),
    ],
)
def test_the_cutoff_is_the_as_of_day_some_months_earlier(
    as_of: str, months: int, expected: str
) -> None:
    assert cutoff(day(as_of), months) == day(expected)


def test_inactive_is_strictly_before_the_cutoff() -> None:
    before = house(Click(click_number="1", contact_number="A", clicked_at=BEFORE))
    on_it = house(Click(click_number="1", contact_number="A", clicked_at=ON_CUTOFF))
    assert only_row(before) == ModelRow("A", "delete", day("2021-06-14"), "click")
    assert only_row(on_it) == ModelRow("A", "keep", day("2021-06-15"), "click", ("active",))


@pytest.mark.parametrize(
    ("latest", "months", "expected"),
    [
        ("2021-06-15", 36, "2024-06-16"),
        ("2024-02-29", 12, "2025-03-01"),
        ("2023-02-27", 12, "2024-02-28"),
        ("2023-02-28", 12, "2024-03-01"),
        ("2024-01-30", 1, "2024-03-01"),
        ("2024-01-31", 1, "2024-03-01"),
    ],
)
def test_a_contact_falls_due_on_the_first_as_of_that_strikes(
    latest: str, months: int, expected: str
) -> None:
    first = day(expected)
    assert falls_due_on(day(latest), months) == first
    assert (
        cutoff(first, months)
        > day(latest)
        >= cutoff(date.fromordinal(first.toordinal() - 1), months)
    )


# -- "Dates are days in the institution's time zone" ------------------------------------------


@pytest.mark.parametrize(
    ("instant", "time_zone", "expected"),
    [
        ("2024-03-30T22:59:59.999999Z", "Europe/Zurich", "2024-03-30"),
        ("2024-03-30T23:00:00Z", "Europe/Zurich", "2024-03-31"),
        ("2024-03-31T21:59:59Z", "Europe/Zurich", "2024-03-31"),
        ("2024-03-31T22:00:00Z", "Europe/Zurich", "2024-04-01"),
        # At 00:01 on 7 November 2010 the clocks of St. John's went back to 23:01 of the 6th.
        ("2010-11-07T02:30:30Z", "America/St_Johns", "2010-11-07"),
        ("2010-11-07T02:31:00Z", "America/St_Johns", "2010-11-06"),
        ("2010-11-07T03:30:00Z", "America/St_Johns", "2010-11-07"),
        # There was no midnight in São Paulo on 4 November 2018: 00:00 became 01:00.
        ("2018-11-04T02:59:59Z", "America/Sao_Paulo", "2018-11-03"),
        ("2018-11-04T03:00:00Z", "America/Sao_Paulo", "2018-11-04"),
        # There was no 30 December 2011 in Apia.
        ("2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"),
        ("2020-02-28T18:15:00Z", "Asia/Kathmandu", "2020-02-29"),
        ("2020-02-28T18:14:59Z", "Asia/Kathmandu", "2020-02-28"),
        ("2022-01-01T10:00:00Z", "Pacific/Kiritimati", "2022-01-02"),
        ("2024-01-01T00:30:00+05:45", "UTC", "2023-12-31"),
    ],
)
def test_dates_are_days_in_the_time_zone_of_the_institution(
    instant: str, time_zone: str, expected: str
) -> None:
    assert local_day(at(instant), time_zone) == day(expected)


def test_the_time_zone_decides_who_is_inactive() -> None:
    midnight = house(
        Click(click_number="1", contact_number="A", clicked_at=at("2021-06-14T22:00:00Z"))
    )
    assert only_row(midnight, time_zone="UTC").outcome == "delete"
    assert only_row(midnight, time_zone="Europe/Zurich").outcome == "keep"


# -- Recency: "the latest date over these activities" -----------------------------------------


@pytest.mark.parametrize(
    ("kind", "activity"),
    [("option", "option_acquired"), ("reservation", "reservation"), ("sale", "sale")],
)
@pytest.mark.parametrize("role", ["purchase_contact", "cultural_contact", "beneficiary_contact"])
def test_lines_reach_purchase_contact_cultural_contact_and_linked_beneficiary(
    kind: str, activity: str, role: str
) -> None:
    of_order = {"purchase_contact": None, **({role: "A"} if role != "beneficiary_contact" else {})}
    of_line = {role: "A"} if role == "beneficiary_contact" else {}
    of = house(order(**of_order), line(kind=kind, **of_line))
    assert found(of) == [(activity, "2015-03-04")]


def test_a_line_reaches_no_beneficiary_of_another_line() -> None:
    of = house(
        Contact(contact_number="A", created_at=LONG_AGO),
        order(purchase_contact=None),
        line(),
        line(line=2, beneficiary_contact="B"),
    )
    assert found(of) == [("created", "2015-03-04")]


@pytest.mark.parametrize(
    ("product", "state", "valid_until", "expected"),
    [
        ("play", "standing", "2016-05-06T18:00:00Z", "2016-05-06"),
        ("play", "standing", "2014-05-06T18:00:00Z", "2014-05-06"),
        ("play", "standing", None, "2015-03-04"),
        ("play", "lapsed", "2016-05-06T18:00:00Z", "2015-03-04"),
        ("play", "cancelled", "2016-05-06T18:00:00Z", "2015-03-04"),
        ("play", "returned", "2016-05-06T18:00:00Z", "2015-03-04"),
        ("voucher", "standing", "2016-05-06T18:00:00Z", "2015-03-04"),
        ("voucher", "standing", None, "2015-03-04"),
    ],
)
@pytest.mark.parametrize("kind", ["option", "reservation", "sale"])
def test_a_line_counts_on_its_validity_if_it_stands_and_its_product_is_dated(
    kind: str, product: str, state: str, valid_until: str | None, expected: str
) -> None:
    until = at(valid_until) if valid_until else None
    of = house(order(), line(kind=kind, product=product, state=state, valid_until=until))
    assert [on for _, on in found(of)] == [expected]


def test_the_start_of_the_validity_does_not_count() -> None:
    of = house(order(), line(product="play", valid_from=LATER))
    assert found(of) == [("sale", "2015-03-04")]


def test_an_order_with_both_takes_the_latest() -> None:
    of = house(
        order(),
        line(product="play", valid_until=at("2016-05-06T18:00:00Z")),
        line(line=2, product="voucher"),
    )
    assert found(of) == [("sale", "2015-03-04"), ("sale", "2016-05-06")]
    assert only_row(of).recency_on == day("2016-05-06")


def test_a_future_validity_is_a_future_recency() -> None:
    of = house(order(), line(product="play", valid_until=LATER))
    assert only_row(of) == ModelRow("A", "keep", day("2029-01-02"), "sale", ("active",))


@pytest.mark.parametrize(
    ("product", "state", "valid_until", "confirmed_at", "expected"),
    [
        # A second activity with the same valid_until,
        ("play", "standing", "2016-05-06T18:00:00Z", "2017-01-01T12:00:00Z", "2016-05-06"),
        # else the later of ordered_at and confirmed_at.
        ("play", "standing", None, "2017-01-01T12:00:00Z", "2017-01-01"),
        ("play", "standing", None, "2014-01-01T12:00:00Z", "2015-03-04"),
        ("play", "lapsed", "2016-05-06T18:00:00Z", "2017-01-01T12:00:00Z", "2017-01-01"),
        ("play", "cancelled", "2016-05-06T18:00:00Z", "2017-01-01T12:00:00Z", "2017-01-01"),
        ("play", "returned", "2016-05-06T18:00:00Z", "2014-01-01T12:00:00Z", "2015-03-04"),
        ("voucher", "standing", "2016-05-06T18:00:00Z", "2017-01-01T12:00:00Z", "2017-01-01"),
        ("voucher", "cancelled", None, "2017-01-01T12:00:00Z", "2017-01-01"),
    ],
)
def test_a_confirmed_option_is_a_second_activity(
    product: str, state: str, valid_until: str | None, confirmed_at: str, expected: str
) -> None:
    of = house(
        order(),
        line(
            kind="option",
            product=product,
            state=state,
            valid_until=at(valid_until) if valid_until else None,
            confirmed_at=at(confirmed_at),
        ),
    )
    assert dict(found(of))["option_confirmed"] == expected
    assert len(found(of)) == 2


@pytest.mark.parametrize("kind", ["reservation", "sale"])
def test_only_an_option_can_be_confirmed(kind: str) -> None:
    of = house(order(), line(kind=kind, confirmed_at=LATER))
    assert [on for _, on in found(of)] == ["2015-03-04"]


def test_an_order_without_lines_is_no_activity() -> None:
    assert found(house(order(ordered_at=LATER))) == [("created", "2015-03-04")]


def test_a_waiting_list_entry_counts_on_the_day_it_was_added() -> None:
    of = house(
        WaitingListEntry(entry_number="1", contact_number="A", organisation="shop", added_at=BEFORE)
    )
    assert found(of) == [("waiting_list", "2021-06-14")]


def test_a_click_counts_unless_automated() -> None:
    of = house(
        Click(click_number="1", contact_number="A", clicked_at=BEFORE),
        Click(click_number="2", contact_number="A", clicked_at=LATER, automated=True),
    )
    assert found(of) == [("click", "2021-06-14")]


def test_an_automated_click_alone_leaves_the_creation_date() -> None:
    of = house(Click(click_number="2", contact_number="A", clicked_at=LATER, automated=True))
    assert found(of) == [("created", "2015-03-04")]


@pytest.mark.parametrize(
    ("origin", "counts"),
    [("contact", True), ("operator", True), ("import", False), ("system", False)],
)
def test_a_change_counts_if_the_contact_or_an_operator_made_it(origin: str, counts: bool) -> None:
    criterion = Criterion(contact_number="A", changed_at=BEFORE, origin=origin)
    answer = Authorisation(contact_number="A", changed_at=BEFORE, origin=origin, value="yes")
    assert found(house(criterion)) == (
        [("criterion", "2021-06-14")] if counts else [("created", "2015-03-04")]
    )
    assert found(house(answer)) == (
        [("authorisation", "2021-06-14")] if counts else [("created", "2015-03-04")]
    )


def test_a_criterion_that_was_removed_counts_too() -> None:
    of = house(Criterion(contact_number="A", changed_at=BEFORE, value=None, origin="contact"))
    assert found(of) == [("criterion", "2021-06-14")]


# -- "only if at least one authorisation is still yes after the change" -----------------------


def said(when: str, value: str, *, origin: str = "contact", **columns: str) -> Authorisation:
    return Authorisation(
        contact_number="A",
        changed_at=at(f"{when}T12:00:00Z"),
        value=value,
        origin=origin,
        **columns,
    )


def days_that_count(*history: Authorisation) -> list[str]:
    return [on for activity, on in found(house(*history)) if activity == "authorisation"]


@pytest.mark.parametrize("value", ["no", "unanswered"])
def test_the_last_yes_withdrawn_is_no_activity(value: str) -> None:
    assert days_that_count(said("2016-01-01", "yes"), said("2020-01-01", value)) == ["2016-01-01"]


def test_a_no_counts_while_another_channel_is_yes() -> None:
    assert days_that_count(said("2016-01-01", "yes", channel="sms"), said("2020-01-01", "no")) == [
        "2016-01-01",
        "2020-01-01",
    ]


def test_a_no_counts_while_another_purpose_is_yes() -> None:
    assert days_that_count(
        said("2016-01-01", "yes", purpose="partners"), said("2020-01-01", "no")
    ) == ["2016-01-01", "2020-01-01"]


def test_a_no_counts_if_an_import_had_set_another_to_yes() -> None:
    assert days_that_count(
        said("2016-01-01", "yes", channel="sms", origin="import"), said("2020-01-01", "no")
    ) == ["2020-01-01"]


def test_a_no_does_not_count_after_the_system_withdrew_the_last_yes() -> None:
    assert days_that_count(
        said("2016-01-01", "yes", channel="sms"),
        said("2019-01-01", "no", channel="sms", origin="system"),
        said("2020-01-01", "no"),
    ) == ["2016-01-01"]


def test_a_later_yes_does_not_make_an_earlier_no_count() -> None:
    assert days_that_count(said("2016-01-01", "no"), said("2020-01-01", "yes")) == ["2020-01-01"]


def test_answers_of_one_instant_take_effect_together() -> None:
    assert days_that_count(
        said("2020-01-01", "no"), said("2020-01-01", "yes", channel="sms", origin="import")
    ) == ["2020-01-01"]
    assert (
        days_that_count(
            said("2016-01-01", "yes", origin="import"),
            said("2020-01-01", "no"),
            said("2020-01-01", "no", channel="sms"),
        )
        == []
    )


def test_one_instant_is_one_instant_at_any_offset() -> None:
    assert days_that_count(
        said("2020-01-01", "no"),
        Authorisation(
            contact_number="A",
            channel="sms",
            changed_at=at("2020-01-01T13:00:00+01:00"),
            value="yes",
            origin="system",
        ),
    ) == ["2020-01-01"]


def test_the_yes_of_another_contact_does_not_help() -> None:
    other = Authorisation(contact_number="B", changed_at=LONG_AGO, value="yes")
    assert found(house(other, said("2020-01-01", "no"))) == [("created", "2015-03-04")]


def test_the_latest_row_for_a_purpose_and_channel_is_in_force() -> None:
    history = [
        said("2020-01-01", "no"),
        said("2016-01-01", "yes"),
        said("2017-01-01", "yes", channel="sms"),
        said("2018-01-01", "no", purpose="partners"),
    ]
    assert in_force(history, at("2017-06-01T00:00:00Z")) == {
        ("institution", "email"): "yes",
        ("institution", "sms"): "yes",
    }
    assert in_force(history, LATER) == {
        ("institution", "email"): "no",
        ("institution", "sms"): "yes",
        ("partners", "email"): "no",
    }


# -- "With none of these: the creation date of the contact" -----------------------------------


def test_the_creation_date_counts_only_with_no_activity() -> None:
    contact = Contact(contact_number="A", created_at=LATER)
    click = Click(click_number="1", contact_number="A", clicked_at=BEFORE)
    assert only_row(house(contact)) == ModelRow(
        "A", "keep", day("2029-01-02"), "created", ("active",)
    )
    assert only_row(house(contact, click)) == ModelRow("A", "delete", day("2021-06-14"), "click")


def test_payments_account_entries_notes_and_holds_are_no_activity() -> None:
    of = house(
        order(),
        line(),
        Payment(payment_number="1", order_number="O1", paid_at=LATER, amount=Decimal(0)),
        AccountEntry(
            entry_number="1",
            contact_number="A",
            organisation="opera",
            booked_at=LATER,
            amount=Decimal(0),
        ),
        Note(note_number="1", contact_number="A", written_at=LATER),
        Hold(contact_number="A", reason="court", until=day("2020-01-01"), created_at=LATER),
    )
    assert found(of) == [("sale", "2015-03-04")]


def test_recency_spans_all_organisations() -> None:
    of = house(
        order(),
        line(),
        order("O2", organisation="shop", ordered_at=ON_CUTOFF),
        line("O2"),
    )
    assert only_row(of).reasons == ("active",)


def test_every_row_on_file_counts_also_one_later_than_the_as_of_day() -> None:
    of = house(Click(click_number="1", contact_number="A", clicked_at=LATER))
    assert only_row(of) == ModelRow("A", "keep", day("2029-01-02"), "click", ("active",))


def test_where_activities_share_the_date_the_first_in_the_order_is_named() -> None:
    noon = at("2021-06-14T12:00:00Z")
    morning = at("2021-06-14T06:00:00Z")
    rows: list[tuple[str, list[Any]]] = [
        ("option_acquired", [order("O1", ordered_at=morning), line("O1", kind="option")]),
        (
            "option_confirmed",
            [order("O2"), line("O2", kind="option", confirmed_at=noon)],
        ),
        ("reservation", [order("O3", ordered_at=noon), line("O3", kind="reservation")]),
        ("sale", [order("O4", ordered_at=noon), line("O4", kind="sale")]),
        (
            "waiting_list",
            [
                WaitingListEntry(
                    entry_number="1", contact_number="A", organisation="shop", added_at=noon
                )
            ],
        ),
        ("click", [Click(click_number="1", contact_number="A", clicked_at=noon)]),
        ("criterion", [Criterion(contact_number="A", changed_at=noon)]),
        ("authorisation", [Authorisation(contact_number="A", changed_at=noon, value="yes")]),
    ]
    for first in range(len(rows)):
        of = house(*(row for _, group in rows[first:] for row in group))
        latest = only_row(of)
        assert (latest.activity, latest.recency_on) == (rows[first][0], day("2021-06-14"))


# -- Outcomes: "a prospect never bought and never benefited from a ticket" --------------------


def test_a_prospect_is_deleted() -> None:
    assert only_row(house()) == ModelRow("A", "delete", day("2015-03-04"), "created")


@pytest.mark.parametrize("state", ["standing", "lapsed", "cancelled", "returned"])
@pytest.mark.parametrize("role", ["purchase_contact", "cultural_contact"])
def test_whoever_bought_is_anonymised_whatever_the_state_of_the_sale(role: str, state: str) -> None:
    of = house(order(**{"purchase_contact": None, role: "A"}), line(state=state))
    assert only_row(of) == ModelRow("A", "anonymise", day("2015-03-04"), "sale")


@pytest.mark.parametrize("state", ["standing", "lapsed", "cancelled", "returned"])
def test_whoever_benefited_is_anonymised_whatever_the_state_of_the_sale(state: str) -> None:
    of = house(order(purchase_contact=None), line(state=state, beneficiary_contact="A"))
    assert only_row(of).outcome == "anonymise"


@pytest.mark.parametrize("kind", ["option", "reservation"])
@pytest.mark.parametrize("role", ["purchase_contact", "cultural_contact", "beneficiary_contact"])
def test_options_and_reservations_leave_a_prospect(kind: str, role: str) -> None:
    on_line = {"beneficiary_contact": "A"} if role == "beneficiary_contact" else {}
    on_order = {} if on_line else {role: "A"}
    of = house(order(**{"purchase_contact": None, **on_order}), line(kind=kind, **on_line))
    assert only_row(of).outcome == "delete"


def test_one_sale_line_makes_an_order_bought() -> None:
    of = house(order(), line(kind="reservation"), line(line=2, kind="sale", state="cancelled"))
    assert only_row(of).outcome == "anonymise"


def test_the_beneficiary_of_a_reservation_in_an_order_with_a_sale_is_a_prospect() -> None:
    of = house(
        order(purchase_contact=None),
        line(kind="sale"),
        line(line=2, kind="reservation", beneficiary_contact="A"),
    )
    assert only_row(of).outcome == "delete"


def test_an_order_without_lines_leaves_a_prospect() -> None:
    assert only_row(house(order())).outcome == "delete"


def test_an_active_contact_is_kept() -> None:
    of = house(order(ordered_at=ON_CUTOFF), line())
    assert only_row(of) == ModelRow("A", "keep", day("2021-06-15"), "sale", ("active",))


# -- Debtor, creditor -------------------------------------------------------------------------


def paid(amount: str, number: str = "O1", *, paid_at: datetime = LONG_AGO) -> Payment:
    return Payment(
        payment_number=f"{number} {amount} {paid_at}",
        order_number=number,
        paid_at=paid_at,
        amount=Decimal(amount),
    )


def entry(amount: str, organisation: str = "opera", currency: str | None = None) -> AccountEntry:
    return AccountEntry(
        entry_number=f"{amount} {organisation} {currency}",
        contact_number="A",
        organisation=organisation,
        currency=currency,
        amount=Decimal(amount),
    )


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        ([line(price=Decimal(10))], ("debtor",)),
        ([line(price=Decimal(10)), paid("9.99")], ("debtor",)),
        ([line(price=Decimal(10)), paid("10.00")], ()),
        ([line(price=Decimal(10)), paid("4"), paid("6")], ()),
        ([line(price=Decimal(10)), paid("10.01")], ("creditor",)),
        ([line(price=Decimal(10), state="cancelled"), paid("10")], ("creditor",)),
        ([line(price=Decimal(10), state="returned"), paid("10"), paid("-10")], ()),
        ([line(price=Decimal(10), state="lapsed")], ()),
        ([line(price=Decimal(10), kind="reservation")], ()),
        ([line(price=Decimal(10), kind="option"), paid("10")], ("creditor",)),
        ([line(price=Decimal(10)), line(line=2, price=Decimal(-10))], ()),
        ([paid("5")], ("creditor",)),
        ([line(), entry("0.01")], ("creditor",)),
        ([line(), entry("-0.01")], ("debtor",)),
        ([line(price=Decimal(10)), entry("10")], ()),
        ([line(price=Decimal(10)), entry("10", currency="CHF")], ()),
        ([line(price=Decimal(10)), entry("10", currency="EUR")], ("debtor", "creditor")),
        ([line(price=Decimal(10)), entry("10", "shop")], ("debtor", "creditor")),
    ],
)
def test_any_balance_that_is_not_zero_makes_a_debtor_or_a_creditor(
    rows: list[Any], reasons: tuple[str, ...]
) -> None:
    assert only_row(house(order(), *rows)).reasons == reasons


def test_orders_of_one_organisation_and_currency_share_a_balance() -> None:
    of = house(order(), line(price=Decimal(10)), order("O2"), line("O2"), paid("10", "O2"))
    assert balances(of, "A") == {("opera", "CHF"): 0}
    assert only_row(of).reasons == ()


@pytest.mark.parametrize("other", [{"organisation": "shop"}, {"currency": "EUR"}])
def test_one_organisation_or_currency_does_not_make_up_for_another(other: dict[str, str]) -> None:
    of = house(order(), line(price=Decimal(10)), order("O2", **other), line("O2"), paid("10", "O2"))
    assert only_row(of).reasons == ("debtor", "creditor")


def test_the_organisation_is_that_of_the_order_not_of_the_product() -> None:
    of = house(order(organisation="shop"), line(price=Decimal(10)))
    assert balances(of, "A") == {("shop", "CHF"): Decimal(-10)}


def test_an_entry_without_currency_is_in_that_of_the_institution() -> None:
    of = house(order(currency="EUR"), line(price=Decimal(10)), entry("10"), currency="EUR")
    assert only_row(of).reasons == ()


def test_cultural_contact_and_beneficiary_owe_nothing() -> None:
    of = house(
        order(purchase_contact=None, cultural_contact="A"),
        line(price=Decimal(10), beneficiary_contact="A"),
    )
    assert balances(of, "A") == {}
    assert only_row(of).outcome == "anonymise"


def test_payments_and_entries_dated_later_count_too() -> None:
    of = house(order(), line(price=Decimal(10)), paid("10", paid_at=LATER))
    assert only_row(of).reasons == ()


def test_a_payment_for_an_order_without_lines_makes_a_creditor() -> None:
    assert only_row(house(order(), paid("3"))).reasons == ("creditor",)


# -- Structure, role, holds, open orders ------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reasons"), [("individual", ()), ("relay", ()), ("structure", ("structure",))]
)
def test_kind_structure_is_a_reason_and_relay_is_none(kind: str, reasons: tuple[str, ...]) -> None:
    assert only_row(house(Contact(contact_number="A", kind=kind))).reasons == reasons


def test_a_relay_of_a_structure_is_no_structure() -> None:
    of = house(
        Contact(contact_number="A", kind="relay", structure="S"),
        Contact(contact_number="S", kind="structure"),
    )
    assert only_row(of).outcome == "delete"


def test_the_reason_role_needs_at_least_one_role() -> None:
    assert only_row(house(Contact(contact_number="A", roles=("guide",)))).reasons == ("role",)
    assert only_row(house(Contact(contact_number="A", roles=()))).reasons == ()


@pytest.mark.parametrize(
    ("until", "holds"),
    [("2024-06-14", False), ("2024-06-15", True), ("2024-06-16", True), (None, True)],
)
def test_a_hold_counts_through_its_last_day(until: str | None, holds: bool) -> None:
    of = house(Hold(contact_number="A", reason="court", until=day(until) if until else None))
    assert only_row(of).reasons == (("hold",) if holds else ())


@pytest.mark.parametrize(
    ("reason", "named"),
    [
        ("request", "request"),
        ("restriction", "restriction"),
        ("court", "hold"),
        ("Request", "hold"),
        ("restriction ", "hold"),
        ("hold", "hold"),
    ],
)
def test_the_reason_of_a_hold_decides_how_it_is_named(reason: str, named: str) -> None:
    assert only_row(house(Hold(contact_number="A", reason=reason))).reasons == (named,)


def test_two_holds_of_one_name_are_named_once() -> None:
    of = house(Hold(contact_number="A", reason="court"), Hold(contact_number="A", reason="police"))
    assert only_row(of).reasons == ("hold",)


def test_a_hold_written_down_after_the_as_of_day_holds() -> None:
    of = house(Hold(contact_number="A", reason="court", created_at=LATER))
    assert only_row(of).reasons == ("hold",)


@pytest.mark.parametrize("kind", ["option", "reservation", "sale"])
@pytest.mark.parametrize("state", ["standing", "lapsed", "cancelled", "returned"])
def test_an_open_order_is_a_standing_option_or_reservation(kind: str, state: str) -> None:
    of = house(order(), line(kind=kind, state=state, valid_until=LATER))
    is_open = state == "standing" and kind != "sale"
    assert only_row(of).reasons == (("open_order",) if is_open else ())


@pytest.mark.parametrize(
    ("valid_until", "reasons"),
    [
        ("2024-06-14T23:59:59Z", ("active",)),
        ("2024-06-15T00:00:00Z", ("active", "open_order")),
        ("2024-06-15T23:59:59Z", ("active", "open_order")),
    ],
)
def test_an_open_order_is_valid_until_the_as_of_day_or_later(
    valid_until: str, reasons: tuple[str, ...]
) -> None:
    of = house(order(), line(kind="reservation", product="play", valid_until=at(valid_until)))
    assert only_row(of).reasons == reasons


@pytest.mark.parametrize(
    ("ordered_at", "reasons"), [(BEFORE, ()), (ON_CUTOFF, ("active", "open_order"))]
)
@pytest.mark.parametrize("product", ["play", "voucher"])
def test_without_valid_until_an_open_order_was_ordered_on_the_cutoff_day_or_later(
    product: str, ordered_at: datetime, reasons: tuple[str, ...]
) -> None:
    of = house(order(ordered_at=ordered_at), line(kind="option", product=product))
    assert only_row(of).reasons == reasons


def test_the_valid_until_of_an_undated_product_opens_and_closes_an_order_too() -> None:
    """The contract says "whose valid_until", not "of a dated product" as it does for recency."""
    still = house(order(), line(kind="option", valid_until=LATER))
    over = house(order(ordered_at=ON_CUTOFF), line(kind="option", valid_until=LONG_AGO))
    assert only_row(still) == ModelRow(
        "A", "keep", day("2015-03-04"), "option_acquired", ("open_order",)
    )
    assert only_row(over).reasons == ("active",)


@pytest.mark.parametrize("role", ["purchase_contact", "cultural_contact", "beneficiary_contact"])
def test_an_open_order_reaches_purchaser_cultural_contact_and_beneficiary(role: str) -> None:
    on_line = {"beneficiary_contact": "A"} if role == "beneficiary_contact" else {}
    on_order = {} if on_line else {role: "A"}
    of = house(
        order(**{"purchase_contact": None, **on_order}),
        line(kind="option", valid_until=LATER, **on_line),
    )
    assert only_row(of).reasons == ("open_order",)


def test_an_open_order_does_not_reach_the_beneficiary_of_another_line() -> None:
    of = house(
        order(purchase_contact=None),
        line(kind="option", valid_until=LATER),
        line(line=2, kind="option", state="lapsed", beneficiary_contact="A"),
    )
    assert only_row(of).reasons == ()


def test_as_of_moves_only_the_cutoff_the_holds_and_the_open_orders() -> None:
    of = house(
        Contact(contact_number="A", roles=("guide",)),
        order(ordered_at=ON_CUTOFF),
        line(kind="option", valid_until=ON_CUTOFF),
        line(line=2, price=Decimal(3)),
        Hold(contact_number="A", reason="court", until=day("2021-06-15")),
    )
    then = only_row(of, as_of=day("2021-06-15"))
    now = only_row(of, as_of=day("2024-06-16"))
    assert then.reasons == ("active", "debtor", "role", "hold", "open_order")
    assert now.reasons == ("debtor", "role")
    assert (then.recency_on, then.activity) == (now.recency_on, now.activity)


def test_every_reason_that_applies_is_listed_in_order() -> None:
    of = house(
        Contact(contact_number="A", kind="structure", roles=("guide",)),
        order(ordered_at=ON_CUTOFF),
        line(kind="option", valid_until=LATER),
        entry("-1"),
        entry("1", "shop"),
        Hold(contact_number="A", reason="request"),
        Hold(contact_number="A", reason="restriction"),
        Hold(contact_number="A", reason="court"),
    )
    assert only_row(of).reasons == (
        "active",
        "debtor",
        "creditor",
        "structure",
        "role",
        "hold",
        "restriction",
        "request",
        "open_order",
    )


# -- "A row for every contact that is not anonymised already, in byte order" ------------------


def test_rows_come_in_byte_order_of_the_contact_number() -> None:
    numbers = ["é", "a", "\U0001d400", "Z", "\uff21", "e\u0301", "10", "9", "ß", "a "]
    of = house(*(Contact(contact_number=number) for number in numbers))
    assert [row.contact_number for row in simulate(of, **PARAMETERS)] == [
        "10",
        "9",
        "Z",
        "a",
        "a ",
        "e\u0301",
        "ß",
        "é",
        "\uff21",
        "\U0001d400",
    ]


def test_an_anonymised_contact_has_no_row() -> None:
    of = house(Contact(contact_number="A"), Contact(contact_number="X", is_anonymous=True))
    assert [row.contact_number for row in simulate(of, **PARAMETERS)] == ["A"]


def test_an_empty_house_gives_no_row() -> None:
    assert simulate(House(), **PARAMETERS) == []


# -- What goes and what stays -----------------------------------------------------------------

FULL = Contact(
    contact_number="A",
    kind="relay",
    structure="S",
    title="Dr",
    first_name="Ann",
    last_name="Ace",
    birth_date=day("1970-01-01"),
    language="fr",
    email="ann@example.org",
    phone="1",
    mobile="2",
    street="3 High Street",
    street2="Flat 4",
    postcode="1200",
    town="Genève",
    country="CH",
    login="ann",
    email_validated_at=LONG_AGO,
    remark="allergic",
    created_at=LONG_AGO,
    created_by="B",
)
ANONYMOUS = Contact(
    contact_number=anonymous_number("A"),
    kind="relay",
    first_name=ANONYMOUS_NAME,
    last_name=ANONYMOUS_NAME,
    postcode="1200",
    town="Genève",
    country="CH",
    created_at=at("2015-01-01T00:00:00Z"),
    is_anonymous=True,
)
KEPT = Contact(contact_number="B", roles=("guide",), created_by="A", structure="A")
TYPED: dict[str, Any] = {
    "beneficiary_first_name": "Bob",
    "beneficiary_last_name": "Bee",
    "beneficiary_email": "bob@example.org",
    "beneficiary_birth_date": day("1980-01-01"),
    "beneficiary_country": "FR",
}
UNTYPED = {**dict.fromkeys(TYPED), "beneficiary_country": "FR"}
RECENT = at("2022-01-01T12:00:00Z")


def remains(of: House, **changes: Any) -> House:
    """What remains after a plan made of the simulation was struck."""
    parameters = {**PARAMETERS, **changes}
    return after_run(of, simulate(of, **parameters), **parameters)


def test_what_an_anonymised_contact_leaves() -> None:
    of = house(FULL, KEPT, Contact(contact_number="S", kind="structure"), order(), line())
    assert only_row(of).outcome == "anonymise"
    assert remains(of).contacts == (
        ANONYMOUS,
        replace(KEPT, created_by=None, structure=None),
        Contact(contact_number="S", kind="structure"),
    )


def test_what_a_deleted_contact_leaves() -> None:
    of = house(FULL, KEPT)
    assert only_row(of).outcome == "delete"
    assert remains(of).contacts == (replace(KEPT, created_by=None, structure=None),)


def test_creation_becomes_1_january_of_its_year_in_the_time_zone_of_the_house() -> None:
    of = house(replace(FULL, created_at=at("2014-12-31T23:30:00Z")), order(), line())
    assert remains(of).contacts[0].created_at == at("2014-01-01T00:00:00Z")
    assert remains(of, time_zone="Europe/Zurich").contacts[0].created_at == datetime(
        2015, 1, 1, tzinfo=ZoneInfo("Europe/Zurich")
    )


@pytest.mark.parametrize("kind", ["sale", "reservation"], ids=["anonymised", "deleted"])
def test_rows_that_are_only_about_a_struck_contact_go_and_those_of_others_stay(kind: str) -> None:
    def about(number: str) -> list[Any]:
        return [
            WaitingListEntry(
                entry_number=number, contact_number=number, organisation="opera", added_at=BEFORE
            ),
            Click(click_number=number, contact_number=number, clicked_at=BEFORE),
            Criterion(contact_number=number, changed_at=BEFORE),
            Authorisation(contact_number=number, changed_at=BEFORE, value="yes"),
            Hold(contact_number=number, reason="court", until=day("2020-01-01")),
            Note(note_number=number, contact_number=number),
        ]

    of = house(FULL, KEPT, order(), line(kind=kind), *about("A"), *about("B"))
    left = remains(of)
    of_b = house(FULL, KEPT, *about("B"))
    for name in ("waiting_list", "clicks", "criteria", "authorisations", "holds", "notes"):
        assert getattr(left, name) == getattr(of_b, name)


@pytest.mark.parametrize(("kind", "link"), [("sale", anonymous_number("A")), ("reservation", None)])
@pytest.mark.parametrize("role", ["purchase_contact", "cultural_contact"])
def test_orders_it_bought_stay_without_what_was_written(
    kind: str, link: str | None, role: str
) -> None:
    of = house(
        FULL,
        KEPT,
        order(
            **{"purchase_contact": "B", "cultural_contact": "B", role: "A"},
            ip_address="192.0.2.1",
            remark="wheelchair",
        ),
        line(kind=kind, price=Decimal(0), beneficiary_contact="B", **TYPED),
        Answer(order_number="O1", question="Diet?", answer="nuts"),
        paid("0"),
    )
    left = remains(of)
    assert left.orders == (order(**{"purchase_contact": "B", "cultural_contact": "B", role: link}),)
    assert left.order_lines == (line(kind=kind, beneficiary_contact="B", **UNTYPED),)
    assert left.answers == (Answer(order_number="O1", question="Diet?", answer=None),)
    assert left.payments == of.payments


def test_a_young_order_with_an_option_only_was_bought_too() -> None:
    """ "Orders it bought" are those that it is purchase or cultural contact of, whatever the kind."""
    of = house(FULL, KEPT, order(remark="x"), line(kind="option", valid_until=RECENT, **TYPED))
    assert only_row(of).outcome == "delete"
    assert remains(of).orders == (order(purchase_contact=None),)
    assert remains(of).order_lines == (line(kind="option", valid_until=RECENT, **UNTYPED),)


@pytest.mark.parametrize(("kind", "link"), [("sale", anonymous_number("A")), ("reservation", None)])
def test_a_struck_beneficiary_takes_the_typed_data_of_its_own_line_alone(
    kind: str, link: str | None
) -> None:
    # Of an undated product, so that no recency comes of it; valid since the cutoff, so that it is
    # not cleaned as outlived.
    young: dict[str, Any] = {"kind": kind, "valid_until": RECENT, **TYPED}
    of = house(
        FULL,
        KEPT,
        order(purchase_contact="B", ip_address="192.0.2.1", remark="wheelchair"),
        line(beneficiary_contact="A", **young),
        line(line=2, beneficiary_contact="B", **young),
        Answer(order_number="O1", question="Diet?", answer="nuts"),
    )
    left = remains(of)
    assert left.order_lines == (
        line(beneficiary_contact=link, **{**young, **UNTYPED}),
        line(line=2, beneficiary_contact="B", **young),
    )
    assert left.orders == of.orders
    assert left.answers == of.answers


def test_account_entries_stay_without_label() -> None:
    credit, debit = (replace(entry(amount), label="gift of Ann") for amount in ("5", "-5"))
    others = AccountEntry(
        entry_number="3", contact_number="B", organisation="opera", amount=Decimal(5), label="kept"
    )
    deleted = remains(house(FULL, KEPT, credit, debit, others))
    assert deleted.account_entries == (
        replace(credit, contact_number=None, label=None),
        replace(debit, contact_number=None, label=None),
        others,
    )
    anonymised = remains(house(FULL, KEPT, order(), line(), credit, debit, others))
    assert [e.contact_number for e in anonymised.account_entries] == [
        anonymous_number("A"),
        anonymous_number("A"),
        "B",
    ]
    assert [e.label for e in anonymised.account_entries] == [None, None, "kept"]


def test_a_contact_that_is_not_in_the_plan_stays() -> None:
    of = house(FULL, KEPT)
    assert after_run(of, [], **PARAMETERS) == of


# -- "The same run also cleans what outlives its purpose whatever the contact's own recency" --


@pytest.mark.parametrize("state", ["standing", "lapsed", "cancelled", "returned"])
@pytest.mark.parametrize("product", ["play", "voucher"])
@pytest.mark.parametrize(
    ("ordered_at", "valid_until", "is_old"),
    [
        (LONG_AGO, BEFORE, True),
        (LONG_AGO, ON_CUTOFF, False),
        (ON_CUTOFF, BEFORE, True),
        (BEFORE, None, True),
        (ON_CUTOFF, None, False),
    ],
)
def test_outlived_lines_lose_typed_data_and_answers_and_their_order_remark_and_address(
    state: str, product: str, ordered_at: datetime, valid_until: datetime | None, is_old: bool
) -> None:
    of = house(
        KEPT,
        order(purchase_contact="B", ordered_at=ordered_at, ip_address="192.0.2.1", remark="x"),
        line(state=state, product=product, valid_until=valid_until, **TYPED),
        Answer(order_number="O1", question="Diet?", answer="nuts"),
    )
    left = remains(of)
    assert left.order_lines == (
        line(
            state=state,
            product=product,
            valid_until=valid_until,
            **(UNTYPED if is_old else TYPED),
        ),
    )
    assert left.answers[0].answer == (None if is_old else "nuts")
    assert left.orders[0].remark == (None if is_old else "x")
    assert left.orders[0].ip_address == (None if is_old else "192.0.2.1")
    assert left.orders[0].purchase_contact == "B"


def test_an_order_keeps_its_remark_until_all_of_its_lines_are_that_old() -> None:
    of = house(
        order(purchase_contact=None, remark="x"),
        line(valid_until=BEFORE, **TYPED),
        line(line=2, valid_until=ON_CUTOFF, **TYPED),
        Answer(order_number="O1", line=1, question="Diet?", answer="nuts"),
        Answer(order_number="O1", line=2, question="Diet?", answer="milk"),
    )
    left = remains(of)
    assert left.orders == of.orders
    assert left.order_lines == (
        line(valid_until=BEFORE, **UNTYPED),
        line(line=2, valid_until=ON_CUTOFF, **TYPED),
    )
    assert [answer.answer for answer in left.answers] == [None, "milk"]


@pytest.mark.parametrize(("ordered_at", "remark"), [(BEFORE, None), (ON_CUTOFF, "x")])
def test_an_order_without_lines_is_as_old_as_its_order_date(
    ordered_at: datetime, remark: str | None
) -> None:
    of = house(order(purchase_contact=None, ordered_at=ordered_at, remark="x"))
    assert remains(of).orders[0].remark == remark


def test_what_is_outlived_is_cleaned_even_if_nobody_is_struck() -> None:
    of = house(order(purchase_contact=None, remark="x"), line(**TYPED))
    left = after_run(of, [], **PARAMETERS)
    assert left.orders[0].remark is None
    assert left.order_lines == (line(**UNTYPED),)


def test_a_linked_beneficiary_stays_linked_to_an_outlived_line() -> None:
    of = house(KEPT, order(purchase_contact=None), line(beneficiary_contact="B", **TYPED))
    assert remains(of).order_lines == (line(beneficiary_contact="B", **UNTYPED),)


# -- "Anonymised contacts are not exported; their orders are, without them" -------------------


def test_an_export_holds_no_anonymised_contact_and_no_link_to_one() -> None:
    of = house(FULL, KEPT, order(), line(beneficiary_contact="A"), entry("5"), entry("-5"))
    left = exported(remains(of))
    assert left.contacts == (replace(KEPT, created_by=None, structure=None),)
    assert left.orders == (order(purchase_contact=None),)
    assert left.order_lines == (line(),)
    assert left.account_entries == ()


def test_the_rows_of_those_who_stay_are_the_same_after_the_run() -> None:
    of = house(FULL, KEPT, order(), line(beneficiary_contact="B"))
    again = simulate(exported(remains(of)), **PARAMETERS)
    assert again == [row for row in simulate(of, **PARAMETERS) if row.contact_number != "A"]


# -- The files --------------------------------------------------------------------------------


def test_files_are_written_as_the_contract_says(tmp_path: Path) -> None:
    house(
        Contact(
            contact_number='a,"1"',
            roles=("guide", "supplier"),
            birth_date=day("1970-02-03"),
            remark="two\nlines",
            created_at=at("2020-02-03T04:05:06.000007+05:45"),
        ),
        Click(click_number="1", contact_number='a,"1"', clicked_at=BEFORE, automated=True),
        order(),
        line(price=Decimal("999999999999.99")),
    ).write_csv(tmp_path)
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert sorted(written) == [
        "clicks.csv",
        "contacts.csv",
        "order_lines.csv",
        "orders.csv",
        "organisations.csv",
        "products.csv",
    ]
    assert written["clicks.csv"] == (
        "click_number,contact_number,link,clicked_at,automated\n"
        '1,"a,""1""",renewal,2021-06-14T12:00:00Z,true\n'
    )
    assert written["contacts.csv"] == (
        "contact_number,kind,structure,title,first_name,last_name,birth_date,language,email,phone,"
        "mobile,street,street2,postcode,town,country,login,email_validated_at,remark,roles,"
        "created_at,created_by\n"
        '"a,""1""",individual,,,,,1970-02-03,,,,,,,,,,,,"two\nlines",guide|supplier,'
        "2020-02-03T04:05:06.000007+05:45,\n"
    )
    assert written["order_lines.csv"] == (
        "order_number,line,product,kind,state,confirmed_at,price,valid_from,valid_until,"
        "beneficiary_contact,beneficiary_first_name,beneficiary_last_name,beneficiary_email,"
        "beneficiary_birth_date,beneficiary_country\n"
        "O1,1,voucher,sale,standing,,999999999999.99,,,,,,,,\n"
    )


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_a_house_comes_back_from_its_files(
    case: Case, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = case.house.write_csv(tmp_path_factory.mktemp("house"))
    assert read_csv(folder, currency=case.house.currency) == case.house


@settings(max_examples=100, deadline=None, derandomize=True)
@given(case=cases())
def test_nobody_who_stays_changes_and_nobody_who_went_comes_back(case: Case) -> None:
    """A run leaves those who stay as they were, but for the ties that they had to the struck."""
    before = simulate(case.house, **case.parameters)
    left = after_run(case.house, before, **case.parameters)
    kept = [row for row in before if row.outcome == "keep"]
    assert simulate(left, **case.parameters) == kept
    assert simulate(exported(left), **case.parameters) == kept
    assert after_run(left, [], **case.parameters) == left


# -- "Debtor, creditor, hold, restriction, another open request and an open order (here also a sale still
# -- to take place) forbid it; active, structure and role only warn" ------------------------------


def by_hand(of: House) -> tuple[str, tuple[str, ...]]:
    """Outcome and reasons of contact A if an operator names it."""
    [named] = [contact for contact in of.contacts if contact.contact_number == "A"]
    row = decide_by_hand(of, named, **PARAMETERS)
    return row.outcome, row.reasons


def named(**columns: Any) -> Contact:
    return Contact(contact_number="A", **{"created_at": LONG_AGO} | columns)


def test_by_hand_a_prospect_is_deleted_and_a_buyer_anonymised() -> None:
    assert by_hand(house()) == ("delete", ())
    assert by_hand(house(order(), line())) == ("anonymise", ())


def test_by_hand_active_structure_and_role_only_warn() -> None:
    assert by_hand(house(named(created_at=ON_CUTOFF))) == ("delete", ("active",))
    assert by_hand(house(named(kind="structure"))) == ("delete", ("structure",))
    assert by_hand(house(named(roles=("guide",)), order(), line())) == ("anonymise", ("role",))


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        ("debtor", (order(), line(price=Decimal(1)))),
        ("creditor", (order(), Payment(payment_number="1", order_number="O1", amount=Decimal(1)))),
        ("hold", (Hold(contact_number="A", reason="court", until=AS_OF),)),
        ("restriction", (Hold(contact_number="A", reason="restriction"),)),
        ("request", (Hold(contact_number="A", reason="request"),)),
        ("open_order", (order(), line(kind="option", valid_until=LATER))),
        ("sale_to_come", (order(), line(valid_until=LATER))),
    ],
)
def test_by_hand_each_of_these_forbids(reason: str, rows: tuple[Any, ...]) -> None:
    assert by_hand(house(*rows)) == ("keep", (reason,))


@pytest.mark.parametrize(
    ("columns", "to_come"),
    [
        ({"valid_until": at("2024-06-15T00:00:00Z")}, True),
        ({"valid_until": at("2024-06-14T23:59:59Z")}, False),
        ({"valid_until": LATER, "state": "returned"}, False),
        ({"valid_until": LATER, "kind": "reservation", "state": "lapsed"}, False),
        ({}, False),
    ],
)
def test_by_hand_a_sale_still_to_take_place_stands_and_has_not_ended(
    columns: dict[str, Any], to_come: bool
) -> None:
    outcome, reasons = by_hand(house(order(), line(**columns)))
    assert (outcome == "keep", "sale_to_come" in reasons) == (to_come, to_come)


@pytest.mark.parametrize("role", ["purchase_contact", "cultural_contact", "beneficiary_contact"])
def test_by_hand_a_sale_to_come_is_that_of_everybody_it_reaches(role: str) -> None:
    parties = {"purchase_contact": None, "cultural_contact": None}
    on_line = {role: "A"} if role == "beneficiary_contact" else {}
    on_order = parties | ({} if on_line else {role: "A"})
    rows = (order(**on_order), line(valid_until=LATER, **on_line))
    assert by_hand(house(*rows)) == ("keep", ("sale_to_come",))


def test_instants_of_the_years_at_stake_are_aware() -> None:
    assert at("2024-02-29T00:00:00Z") == datetime(2024, 2, 29, tzinfo=UTC)
