"""Two people read the same rule book: Fadeout's SQL and the plain model of tests/model must agree.

Every example is a small house, imported from an exchange folder and simulated, and rolled back
again. ``FADEOUT_EXAMPLES=5000`` tries that many; what Hypothesis draws then differs every time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings

from fadeout.connectors.exchange.operations import import_exchange
from fadeout.contacts.models import Contact as StoredContact
from fadeout.institution.models import Institution
from fadeout.institution.operations import found
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import forgetting
from fadeout.recency.models import Indicator
from fadeout.recency.queries import decide
from tests.model.house import (
    AccountEntry,
    Authorisation,
    Click,
    Contact,
    Criterion,
    Hold,
    House,
    Order,
    OrderLine,
    Payment,
    WaitingListEntry,
    at,
    day,
)
from tests.model.rules import ModelRow, decide_by_hand, simulate
from tests.model.strategies import ORGANISATIONS, PRODUCTS, Case, cases, seeded_case

NOW = at("2026-09-01T12:00:00Z")
PLAY, VOUCHER = "opera/performance", "opera/voucher"

EXAMPLES = int(os.environ.get("FADEOUT_EXAMPLES", "200"))


# -- Traps picked by hand ---------------------------------------------------------------------


def trap(
    *contacts: Contact,
    as_of: str = "2024-06-15",
    months: int = 36,
    time_zone: str = "Europe/Zurich",
    currency: str = "CHF",
    **rows: Any,
) -> Case:
    files: dict[str, Any] = {name: tuple(rows_of_it) for name, rows_of_it in rows.items()}
    files |= {"organisations": ORGANISATIONS, "products": PRODUCTS, "contacts": contacts}
    return Case(House(**files, currency=currency), day(as_of), months, time_zone)


def contact(number: str = "A", **columns: Any) -> Contact:
    return Contact(contact_number=number, **columns)


def order(number: str, ordered_at: str, **columns: Any) -> Order:
    bare = Order(
        order_number=number,
        organisation="opera",
        purchase_contact="A",
        ordered_at=at(ordered_at),
    )
    return replace(bare, **columns)


def line(number: str, **columns: Any) -> OrderLine:
    return replace(OrderLine(order_number=number, product=VOUCHER), **columns)


def everything_on(instant: str) -> dict[str, Any]:
    """Every activity of A at one instant."""
    kinds = ("option", "reservation", "sale")
    return {
        "orders": [order(kind, instant) for kind in kinds],
        "order_lines": [
            line(kind, kind=kind, state="returned", confirmed_at=at(instant)) for kind in kinds
        ],
        "waiting_list": [
            WaitingListEntry(
                entry_number="1", contact_number="A", organisation="shop", added_at=at(instant)
            )
        ],
        "clicks": [Click(click_number="1", contact_number="A", clicked_at=at(instant))],
        "criteria": [Criterion(contact_number="A", changed_at=at(instant))],
        "authorisations": [Authorisation(contact_number="A", changed_at=at(instant), value="yes")],
    }


def said(number: str, when: str, value: str, **columns: Any) -> Authorisation:
    return replace(
        Authorisation(contact_number=number, changed_at=at(when), value=value), **columns
    )


TRAPS = {
    "an empty house": trap(),
    "every activity on one day": trap(contact(), **everything_on("2021-06-14T12:00:00Z")),
    "the last microsecond before the cutoff": trap(
        contact(), **everything_on("2021-06-14T21:59:59.999999Z")
    ),
    "the first instant of the cutoff": trap(contact(), **everything_on("2021-06-14T22:00:00Z")),
    "the clocks went back over midnight into the day before": trap(
        contact(),
        as_of="2013-11-07",
        time_zone="America/St_Johns",
        **everything_on("2010-11-07T02:31:00Z"),
    ),
    "the cutoff is a day that never was": trap(
        contact(),
        as_of="2014-12-30",
        time_zone="Pacific/Apia",
        **everything_on("2011-12-30T09:59:59Z"),
    ),
    "the cutoff has no midnight": trap(
        contact(),
        as_of="2021-11-04",
        time_zone="America/Sao_Paulo",
        **everything_on("2018-11-04T02:59:59Z"),
    ),
    "31 March less one month": trap(
        contact("A"),
        contact("B"),
        as_of="2023-03-31",
        months=1,
        time_zone="UTC",
        clicks=[
            Click(click_number="1", contact_number="A", clicked_at=at("2023-02-27T12:00:00Z")),
            Click(click_number="2", contact_number="B", clicked_at=at("2023-02-28T12:00:00Z")),
        ],
    ),
    "29 February less a year": trap(
        contact("A"),
        contact("B"),
        as_of="2024-02-29",
        months=12,
        clicks=[
            Click(click_number="1", contact_number="A", clicked_at=at("2023-02-27T12:00:00Z")),
            Click(click_number="2", contact_number="B", clicked_at=at("2023-02-28T12:00:00Z")),
        ],
    ),
    "byte order is not the order of any language, nor of UTF-16": trap(
        *map(
            contact,
            ("é", "a", "Z", "\U0001d400", "\uff21", "ß", "10", "9", "A ", "A", "\\.", "NULL"),
        )
    ),
    "an option confirmed before it was ordered, after it lapsed, and on what is no option": trap(
        contact("A"),
        contact("B"),
        contact("C"),
        orders=[
            order("1", "2020-01-01T12:00:00Z"),
            order("2", "2020-01-01T12:00:00Z", purchase_contact="B"),
            order("3", "2020-01-01T12:00:00Z", purchase_contact="C"),
        ],
        order_lines=[
            line("1", kind="option", confirmed_at=at("2019-01-01T12:00:00Z")),
            line(
                "2",
                kind="option",
                product=PLAY,
                state="lapsed",
                valid_until=at("2020-06-01T12:00:00Z"),
                confirmed_at=at("2022-01-01T12:00:00Z"),
            ),
            line("3", kind="reservation", confirmed_at=at("2022-01-01T12:00:00Z")),
        ],
    ),
    "a validity of an undated product: no recency, but an open order": trap(
        contact("A"),
        contact("B"),
        orders=[
            order("1", "2020-01-01T12:00:00Z"),
            order("2", "2023-01-01T12:00:00Z", purchase_contact="B"),
        ],
        order_lines=[
            line("1", kind="option", valid_until=at("2025-01-01T12:00:00Z")),
            line("2", kind="option", valid_until=at("2020-06-01T12:00:00Z")),
        ],
    ),
    "a validity that ended before the order": trap(
        contact(),
        orders=[order("1", "2023-01-01T12:00:00Z")],
        order_lines=[line("1", product=PLAY, valid_until=at("2020-06-01T12:00:00Z"))],
    ),
    "open to the end of the as-of day": trap(
        contact("A"),
        contact("B"),
        contact("C"),
        orders=[
            order("1", "2020-01-01T12:00:00Z", cultural_contact="B"),
            order("2", "2020-01-01T12:00:00Z", purchase_contact=None),
        ],
        order_lines=[
            line("1", kind="option", valid_until=at("2024-06-14T21:59:59.999999Z")),
            line(
                "2",
                kind="reservation",
                valid_until=at("2024-06-14T22:00:00Z"),
                beneficiary_contact="C",
            ),
        ],
    ),
    "one currency does not make up for another, nor one organisation": trap(
        contact("A"),
        contact("B"),
        contact("C"),
        orders=[
            order("1", "2020-01-01T12:00:00Z"),
            order("2", "2020-01-01T12:00:00Z", currency="EUR"),
            order("3", "2020-01-01T12:00:00Z", purchase_contact="B"),
            order("4", "2020-01-01T12:00:00Z", purchase_contact="B", organisation="shop"),
            order("5", "2020-01-01T12:00:00Z", purchase_contact="C", cultural_contact="A"),
        ],
        order_lines=[line(number, price=Decimal(10), beneficiary_contact="C") for number in "1345"],
        payments=[
            Payment(payment_number="2", order_number="2", amount=Decimal(10)),
            Payment(payment_number="4", order_number="4", amount=Decimal(20)),
            Payment(
                payment_number="5",
                order_number="5",
                paid_at=at("2030-01-01T12:00:00Z"),
                amount=Decimal("10.00"),
            ),
        ],
    ),
    "an entry without currency meets an order in that of the institution": trap(
        contact(),
        currency="EUR",
        orders=[order("1", "2020-01-01T12:00:00Z", currency="EUR")],
        order_lines=[line("1", price=Decimal(10))],
        account_entries=[
            AccountEntry(
                entry_number=number,
                contact_number="A",
                organisation="opera",
                currency=currency,
                amount=Decimal(5),
            )
            for number, currency in (("1", None), ("2", "EUR"))
        ],
    ),
    "payments for an order without lines": trap(
        contact(),
        orders=[order("1", "2023-01-01T12:00:00Z")],
        payments=[Payment(payment_number="1", order_number="1", amount=Decimal("0.01"))],
    ),
    "the last yes withdrawn, together with another, beside one of the system": trap(
        contact("A"),
        contact("B"),
        contact("C"),
        contact("D"),
        authorisations=[
            said("A", "2020-01-01T12:00:00Z", "yes"),
            said("A", "2022-01-01T12:00:00Z", "no"),
            said("B", "2020-01-01T12:00:00Z", "yes"),
            said("B", "2022-01-01T12:00:00Z", "no"),
            said("B", "2022-01-01T13:00:00+01:00", "yes", channel="sms", origin="system"),
            said("C", "2020-01-01T12:00:00Z", "yes", channel="sms", origin="import"),
            said("C", "2022-01-01T12:00:00Z", "no"),
            said("D", "2022-01-01T12:00:00Z", "no"),
            said("D", "2022-01-01T12:00:00.000001Z", "yes", origin="import"),
        ],
    ),
    "imports and scanners are no activity": trap(
        contact(),
        clicks=[
            Click(
                click_number="1",
                contact_number="A",
                clicked_at=at("2023-01-01T12:00:00Z"),
                automated=True,
            )
        ],
        criteria=[
            Criterion(contact_number="A", changed_at=at("2023-01-01T12:00:00Z"), origin="import")
        ],
        authorisations=[said("A", "2023-01-01T12:00:00Z", "yes", origin="system")],
    ),
    "holds around the as-of day": trap(
        *map(contact, "ABCDE"),
        holds=[
            Hold(contact_number="A", reason="court", until=day("2024-06-14")),
            Hold(contact_number="B", reason="court", until=day("2024-06-15")),
            Hold(contact_number="C", reason="restriction"),
            Hold(contact_number="C", reason="request"),
            Hold(contact_number="C", reason="court", until=day("2024-06-14")),
            Hold(contact_number="D", reason="Request"),
            Hold(contact_number="E", reason="request", until=day("2024-06-14")),
        ],
    ),
    "an option confirmed after its performance": trap(
        contact(),
        orders=[order("1", "2020-01-01T12:00:00Z")],
        order_lines=[
            line(
                "1",
                kind="option",
                product=PLAY,
                valid_until=at("2020-06-01T12:00:00Z"),
                confirmed_at=at("2022-01-01T12:00:00Z"),
            )
        ],
    ),
    "open without an end since the cutoff day": trap(
        contact("A"),
        contact("B"),
        orders=[
            order("1", "2021-06-14T22:00:00Z"),
            order("2", "2021-06-14T21:59:59.999999Z", purchase_contact="B"),
        ],
        order_lines=[line(number, kind="reservation") for number in "12"],
    ),
    "sales to come, by hand: today, yesterday, cancelled, for a cultural contact, for a beneficiary": trap(
        *map(contact, "ABCDE"),
        orders=[
            order("1", "2020-01-01T12:00:00Z"),
            order("2", "2020-01-01T12:00:00Z", purchase_contact="B", cultural_contact="E"),
            order("3", "2020-01-01T12:00:00Z", purchase_contact="C"),
        ],
        order_lines=[
            line("1", product=PLAY, valid_until=at("2024-06-14T22:00:00Z")),
            line("2", product=PLAY, valid_until=at("2024-06-14T21:59:59Z")),
            line("3", product=PLAY, state="returned", valid_until=at("2024-12-01T12:00:00Z")),
            line("2", line=2, kind="option", valid_until=at("2023-12-01T12:00:00Z")),
            line("3", line=2, valid_until=at("2025-12-01T12:00:00Z"), beneficiary_contact="D"),
        ],
    ),
    "a sale still to take place is no open order, but one of a voucher is no recency": trap(
        contact(),
        orders=[order("1", "2020-01-01T12:00:00Z")],
        order_lines=[line("1", valid_until=at("2025-01-01T12:00:00Z"))],
    ),
    "sales that do not stand any more, and reservations, owe nothing but make buyers or not": trap(
        *map(contact, "ABCDE"),
        orders=[
            order("1", "2020-01-01T12:00:00Z", purchase_contact=None, cultural_contact="A"),
            order("2", "2020-01-01T12:00:00Z", purchase_contact="B"),
            order("3", "2020-01-01T12:00:00Z", purchase_contact="C"),
            order("4", "2020-01-01T12:00:00Z", purchase_contact=None),
        ],
        order_lines=[
            line("1", price=Decimal(10), valid_until=at("2020-06-01T12:00:00Z")),
            line("2", price=Decimal(10), state="returned"),
            line("3", price=Decimal(10), kind="reservation", state="lapsed"),
            line("3", line=2, price=Decimal(10), kind="option"),
            line("4", price=Decimal(10), state="cancelled", beneficiary_contact="D"),
            line("4", line=2, price=Decimal(10), kind="option", beneficiary_contact="E"),
        ],
    ),
    "one contact is all three of an order, and its relay none": trap(
        contact("A"),
        contact("S", kind="structure"),
        contact("R", kind="relay", structure="S", created_by="A"),
        orders=[order("1", "2020-01-01T12:00:00Z", cultural_contact="A")],
        order_lines=[
            line("1", state="cancelled", beneficiary_contact="A"),
            line("1", line=2, kind="reservation", state="lapsed", beneficiary_contact="R"),
        ],
    ),
}


def with_traps(test: Any) -> Any:
    for name, case in TRAPS.items():
        test = example(case=case).via(name)(test)
    return test


# -- The comparison ---------------------------------------------------------------------------

Importing = Callable[[Case], Any]


@pytest.fixture
def importing(database: str, tmp_path: Path) -> Importing:
    """A context in which the house of a case is in the database."""
    found(name="The model house", time_zone="UTC", currency="CHF", now=NOW)
    tokens = ErasedTokens(tmp_path / "tokens")

    @contextmanager
    def imported(case: Case) -> Iterator[None]:
        with TemporaryDirectory(dir=tmp_path) as folder, transaction.atomic():
            Institution.objects.update(time_zone=case.time_zone, currency=case.house.currency)
            import_exchange(path=case.house.write_csv(Path(folder)), now=NOW, erased=tokens)
            yield
            transaction.set_rollback(True)

    return imported


def decided(case: Case, **restriction: Any) -> list[ModelRow]:
    """Fadeout's rows, in the words of the model."""
    return [
        ModelRow(row.contact_number, row.outcome, row.recency_on, row.activity, tuple(row.reasons))
        for row in decide(**case.parameters, **restriction)
    ]


def decided_again(case: Case, chosen: slice) -> list[ModelRow]:
    """What Fadeout says of some contacts alone, as it asks before it strikes them."""
    numbers = sorted(contact.contact_number for contact in case.house.contacts)[chosen]
    ids = StoredContact.objects.filter(contact_number__in=numbers).values_list("id", flat=True)
    return decided(case, contact_ids=list(ids))


def kept(case: Case) -> dict[str, tuple[date, str]]:
    """The recency that the import kept of every contact."""
    rows = Indicator.objects.values_list("contact__contact_number", "recency_on", "activity")
    return {number: (recency_on, activity) for number, recency_on, activity in rows}


def recencies(rows: list[ModelRow]) -> dict[str, tuple[date, str]]:
    """The same of rows of the model."""
    return {row.contact_number: (row.recency_on, row.activity) for row in rows}


def decided_by_hand(case: Case) -> list[ModelRow]:
    """What Fadeout says of every contact if an operator names it."""
    return [
        ModelRow(
            decision.contact_number,
            forgetting.outcome_by_hand(decision),
            decision.recency_on,
            decision.activity,
            forgetting.reasons_by_hand(decision),
        )
        for decision in decide(**case.parameters)
    ]


def by_hand(case: Case) -> list[ModelRow]:
    """What the model says of every contact if an operator names it."""
    rows = [
        decide_by_hand(case.house, contact, **case.parameters)
        for contact in case.house.contacts
        if not contact.is_anonymous
    ]
    return sorted(rows, key=lambda row: row.contact_number.encode())


@settings(
    max_examples=EXAMPLES,
    derandomize="FADEOUT_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,  # every example is rolled back
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(case=cases())
@with_traps
def test_fadeout_and_the_model_agree_on_every_row(importing: Importing, case: Case) -> None:
    with importing(case):
        assert decided(case) == simulate(case.house, **case.parameters)
        assert kept(case) == recencies(simulate(case.house, **case.parameters))
        assert decided_by_hand(case) == by_hand(case)


@pytest.mark.parametrize("chosen", [slice(0), slice(0, None, 2), slice(1, None, 2)], ids=str)
def test_the_check_of_some_says_what_the_simulation_says_of_all(
    importing: Importing, chosen: slice
) -> None:
    for name, case in TRAPS.items():
        with importing(case):
            again = decided_again(case, chosen)
        assert again == simulate(case.house, **case.parameters)[chosen], name


def test_simulation_and_check_agree_with_the_model_on_houses_by_number(
    importing: Importing,
) -> None:
    for number in range(EXAMPLES):
        case = seeded_case(number)
        expected = simulate(case.house, **case.parameters)
        chosen = slice(number % 3, None, 2)
        with importing(case):
            assert decided(case) == expected, f"seeded_case({number})"
            assert kept(case) == recencies(expected), f"seeded_case({number})"
            assert decided_by_hand(case) == by_hand(case), f"seeded_case({number})"
            assert decided_again(case, chosen) == expected[chosen], f"seeded_case({number})"
