"""The rule book (mission, sections 2 and 3) and the contract, as slow and plain as can be.

Written from the two texts, not from Fadeout's SQL: everything is looked up again, row by row, for
every contact. The sentence that a function follows stands in its docstring. Tests compare this with
the real thing; where they differ, the text decides who is right.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.model.house import Authorisation, Contact, House, Order, OrderLine

#: "Where several activities share the date, the first in the order given here is named."
ACTIVITIES = (
    "option_acquired",
    "option_confirmed",
    "reservation",
    "sale",
    "waiting_list",
    "click",
    "criterion",
    "authorisation",
    "created",
)
#: "in this order, joined by |"
REASONS = (
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
#: "Debtor, creditor, hold, restriction, another open request and an open order (here also a sale still to
#: take place) forbid it; active, structure and role only warn."
FORBIDDING = {"debtor", "creditor", "hold", "restriction", "request", "open_order", "sale_to_come"}
#: Criteria and authorisations count when one of these changed them: "Nor are: … an import, a merge,
#: a change by the system itself".
COUNTING_ORIGINS = ("contact", "operator")
ANONYMOUS_NAME = "XXXXXXXX"


@dataclass(frozen=True)
class Activity:
    """Something that a contact did, and the day that it counts for."""

    on: date
    activity: str


@dataclass(frozen=True)
class ModelRow:
    """A row of the simulation."""

    contact_number: str
    outcome: str
    recency_on: date
    activity: str
    reasons: tuple[str, ...] = ()


# -- The rules -----------------------------------------------------------------------------------


def simulate(house: House, *, as_of: date, months: int, time_zone: str) -> list[ModelRow]:
    """A row for every contact that is not anonymised already, in byte order of contact_number."""
    rows = [
        decide(house, contact, as_of=as_of, months=months, time_zone=time_zone)
        for contact in house.contacts
        if not contact.is_anonymous
    ]
    return sorted(rows, key=lambda row: row.contact_number.encode())


def decide(house: House, contact: Contact, *, as_of: date, months: int, time_zone: str) -> ModelRow:
    """Kept for every reason that applies; else a prospect is deleted, anybody else anonymised."""
    number = contact.contact_number
    latest = recency(house, number, time_zone)
    reasons = tuple(reasons_to_keep(house, contact, as_of, months, time_zone))
    if reasons:
        outcome = "keep"
    elif bought(house, number) or benefited(house, number):
        outcome = "anonymise"
    else:
        outcome = "delete"
    return ModelRow(number, outcome, latest.on, latest.activity, reasons)


def decide_by_hand(
    house: House, contact: Contact, *, as_of: date, months: int, time_zone: str
) -> ModelRow:
    """An operator names the contact: what forbids keeps it, what warns is told all the same."""
    number = contact.contact_number
    latest = recency(house, number, time_zone)
    reasons = reasons_to_keep(house, contact, as_of, months, time_zone)
    if has_sale_to_come(house, number, as_of, time_zone):
        reasons.append("sale_to_come")
    if FORBIDDING & set(reasons):
        outcome = "keep"
    elif bought(house, number) or benefited(house, number):
        outcome = "anonymise"
    else:
        outcome = "delete"
    return ModelRow(number, outcome, latest.on, latest.activity, tuple(reasons))


def cutoff(as_of: date, months: int) -> date:
    """As of − months; 31 March − 1 month = last day of February."""
    year, month = as_of.year, as_of.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return date(year, month, min(as_of.day, monthrange(year, month)[1]))


def local_day(instant: datetime, time_zone: str) -> date:
    """Dates are days in the institution's time zone."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def falls_due_on(latest: date, months: int) -> date:
    """The first "as of" that strikes a contact whose only reason is being active."""
    as_of = latest + timedelta(days=28 * months)  # no month is shorter: never too late
    while not latest < cutoff(as_of, months):
        as_of += timedelta(days=1)
    return as_of


# -- Recency -------------------------------------------------------------------------------------


def recency(house: House, number: str, time_zone: str) -> Activity:
    """The latest date; where several share it, the first of ACTIVITIES is named."""
    found = activities(house, number, time_zone)
    last = max(activity.on for activity in found)
    names = [activity.activity for activity in found if activity.on == last]
    return Activity(last, min(names, key=ACTIVITIES.index))


def activities(house: House, number: str, time_zone: str) -> list[Activity]:
    """Everything that counts; with none of these, the creation date of the contact."""
    found = [
        *_line_activities(house, number, time_zone),
        *_waiting_list_activities(house, number, time_zone),
        *_click_activities(house, number, time_zone),
        *_criterion_activities(house, number, time_zone),
        *_authorisation_activities(house, number, time_zone),
    ]
    if found:
        return found
    return [
        Activity(local_day(contact.created_at, time_zone), "created")
        for contact in house.contacts
        if contact.contact_number == number
    ]


def _line_activities(house: House, number: str, time_zone: str) -> Iterator[Activity]:
    """Activities of an order line reach its order's purchase and cultural contact, and its own
    beneficiary."""
    for order, line in lines_with_orders(house):
        if number in reached_by(order, line):
            yield from line_activities(house, order, line, time_zone)


def line_activities(
    house: House, order: Order, line: OrderLine, time_zone: str
) -> Iterator[Activity]:
    """valid_until if the line is standing, its product is dated and valid_until is given; else
    ordered_at. A confirmed option is a second activity with the same valid_until, else the later of
    ordered_at and confirmed_at."""
    ordered_on = local_day(order.ordered_at, time_zone)
    validity = None
    if line.state == "standing" and is_dated(house, line) and line.valid_until is not None:
        validity = local_day(line.valid_until, time_zone)
    name = {"option": "option_acquired", "reservation": "reservation", "sale": "sale"}[line.kind]
    yield Activity(validity or ordered_on, name)
    if line.kind == "option" and line.confirmed_at is not None:
        confirmed_on = local_day(line.confirmed_at, time_zone)
        yield Activity(validity or max(ordered_on, confirmed_on), "option_confirmed")


def _waiting_list_activities(house: House, number: str, time_zone: str) -> Iterator[Activity]:
    """A waiting-list entry counts on added_at."""
    for entry in house.waiting_list:
        if entry.contact_number == number:
            yield Activity(local_day(entry.added_at, time_zone), "waiting_list")


def _click_activities(house: House, number: str, time_zone: str) -> Iterator[Activity]:
    """A click counts on clicked_at unless automated."""
    for click in house.clicks:
        if click.contact_number == number and not click.automated:
            yield Activity(local_day(click.clicked_at, time_zone), "click")


def _criterion_activities(house: House, number: str, time_zone: str) -> Iterator[Activity]:
    """A criterion row counts on changed_at if its origin is contact or operator."""
    for row in house.criteria:
        if row.contact_number == number and row.origin in COUNTING_ORIGINS:
            yield Activity(local_day(row.changed_at, time_zone), "criterion")


def _authorisation_activities(house: House, number: str, time_zone: str) -> Iterator[Activity]:
    """An authorisation row likewise, if at least one of the contact's authorisations is yes once
    every row up to and including that instant is in force."""
    history = [row for row in house.authorisations if row.contact_number == number]
    for row in history:
        if row.origin in COUNTING_ORIGINS and "yes" in in_force(history, row.changed_at).values():
            yield Activity(local_day(row.changed_at, time_zone), "authorisation")


def in_force(history: Iterable[Authorisation], instant: datetime) -> dict[tuple[str, str], str]:
    """The latest row for a purpose and channel is in force: rows of any origin set the state, rows
    of one instant take effect together."""
    state: dict[tuple[str, str], str] = {}
    for row in sorted(history, key=lambda row: row.changed_at):
        if row.changed_at <= instant:
            state[row.purpose, row.channel] = row.value
    return state


# -- Who bought, who benefited -------------------------------------------------------------------


def bought(house: House, number: str) -> bool:
    """Purchase or cultural contact of an order with a line of kind sale, whatever its state."""
    return any(
        line.kind == "sale" and number in (order.purchase_contact, order.cultural_contact)
        for order, line in lines_with_orders(house)
    )


def benefited(house: House, number: str) -> bool:
    """beneficiary_contact of a line of kind sale, whatever its state."""
    return any(
        line.kind == "sale" and line.beneficiary_contact == number for line in house.order_lines
    )


# -- Reasons to keep -----------------------------------------------------------------------------


def reasons_to_keep(
    house: House, contact: Contact, as_of: date, months: int, time_zone: str
) -> list[str]:
    """Every reason that applies, in the order of REASONS."""
    number = contact.contact_number
    limit = cutoff(as_of, months)
    amounts = balances(house, number).values()
    held = {
        hold.reason if hold.reason in ("request", "restriction") else "hold"
        for hold in house.holds
        if hold.contact_number == number and (hold.until is None or hold.until >= as_of)
    }
    applies = {
        "active": not recency(house, number, time_zone).on < limit,
        "debtor": any(amount < 0 for amount in amounts),
        "creditor": any(amount > 0 for amount in amounts),
        "structure": contact.kind == "structure",
        "role": len(contact.roles) > 0,
        "hold": "hold" in held,
        "restriction": "restriction" in held,
        "request": "request" in held,
        "open_order": has_open_order(house, number, as_of, limit, time_zone),
    }
    return [reason for reason in REASONS if applies[reason]]


def balances(house: House, number: str) -> dict[tuple[str, str], Decimal]:
    """With an organisation in a currency: payments of the contact's orders (as purchase contact)
    there, less the prices of their standing sale lines, plus account entries there."""
    balance: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in house.orders:
        if order.purchase_contact == number:
            account = order.organisation, order.currency
            for payment in house.payments:
                if payment.order_number == order.order_number:
                    balance[account] += payment.amount
            for line in lines_of(house, order):
                if line.kind == "sale" and line.state == "standing":
                    balance[account] -= line.price
    for entry in house.account_entries:
        if entry.contact_number == number:
            balance[entry.organisation, entry.currency or house.currency] += entry.amount
    return dict(balance)


def has_open_order(house: House, number: str, as_of: date, limit: date, time_zone: str) -> bool:
    """A standing option or reservation whose valid_until is the as-of day or later; without
    valid_until: ordered on the cutoff day or later."""
    for order, line in lines_with_orders(house):
        if number not in reached_by(order, line):
            continue
        if line.state != "standing" or line.kind not in ("option", "reservation"):
            continue
        if line.valid_until is not None:
            if local_day(line.valid_until, time_zone) >= as_of:
                return True
        elif local_day(order.ordered_at, time_zone) >= limit:
            return True
    return False


def has_sale_to_come(house: House, number: str, as_of: date, time_zone: str) -> bool:
    """A sale still to take place: it stands, and its validity ends on the as-of day or later."""
    for order, line in lines_with_orders(house):
        if line.kind == "sale" and line.state == "standing" and line.valid_until is not None:
            ends_on = local_day(line.valid_until, time_zone)
            if number in reached_by(order, line) and ends_on >= as_of:
                return True
    return False


# -- What goes and what stays --------------------------------------------------------------------


def after_run(
    house: House, rows: Iterable[ModelRow], *, as_of: date, months: int, time_zone: str
) -> House:
    """The house once the rows of a plan were struck, and what outlives its purpose was cleaned.

    An anonymised contact stays under ``anonymous_number(its number)``: its new number is without
    relation and cannot be foretold.
    """
    rows = list(rows)
    deleted = {row.contact_number for row in rows if row.outcome == "delete"}
    anonymised = {row.contact_number for row in rows if row.outcome == "anonymise"}
    struck = frozenset(deleted | anonymised)
    emptied = _without_what_they_left(house, struck)
    cleaned = _without_outlived(emptied, cutoff(as_of, months), time_zone)
    return _without_contacts(cleaned, frozenset(deleted), frozenset(anonymised), time_zone)


def exported(house: House) -> House:
    """As ``fadeout export`` writes it: anonymised contacts are not exported, links to them are
    empty, rows that are only about them are absent. A row without its contact is no row."""
    living = {c.contact_number for c in house.contacts if not c.is_anonymous}

    def living_or_none(number: str | None) -> str | None:
        return number if number in living else None

    linked = _relinked(house, living_or_none)
    return replace(
        linked,
        contacts=tuple(c for c in linked.contacts if not c.is_anonymous),
        account_entries=tuple(
            replace(entry, currency=entry.currency or house.currency)
            for entry in linked.account_entries
            if entry.contact_number is not None
        ),
    )


def anonymous_number(number: str) -> str:
    """Stands for the new number of an anonymised contact."""
    return f"anonymous row of {number}"


def _without_what_they_left(house: House, struck: frozenset[str]) -> House:
    """Typed data, answers, remarks, IP addresses and labels of the struck are gone, the country of
    the beneficiary stays."""
    bought_orders = {
        order.order_number
        for order in house.orders
        if struck & {order.purchase_contact, order.cultural_contact}
    }
    return replace(
        house,
        orders=tuple(
            emptied_order(order) if order.order_number in bought_orders else order
            for order in house.orders
        ),
        order_lines=tuple(
            emptied_line(line)
            if line.order_number in bought_orders or line.beneficiary_contact in struck
            else line
            for line in house.order_lines
        ),
        answers=tuple(
            replace(answer, answer=None) if answer.order_number in bought_orders else answer
            for answer in house.answers
        ),
        account_entries=tuple(
            replace(entry, label=None) if entry.contact_number in struck else entry
            for entry in house.account_entries
        ),
    )


def _without_outlived(house: House, limit: date, time_zone: str) -> House:
    """Whatever the contact's own recency: the typed data and the answers of lines whose validity
    ended (without one: that were ordered) before the cutoff; remark and IP address of orders all of
    whose lines are that old."""
    old_lines = {
        (line.order_number, line.line)
        for order, line in lines_with_orders(house)
        if outlived(order, line, limit, time_zone)
    }

    def is_old(order: Order) -> bool:
        lines = lines_of(house, order)
        if not lines:
            return local_day(order.ordered_at, time_zone) < limit
        return all((line.order_number, line.line) in old_lines for line in lines)

    return replace(
        house,
        orders=tuple(emptied_order(order) if is_old(order) else order for order in house.orders),
        order_lines=tuple(
            emptied_line(line) if (line.order_number, line.line) in old_lines else line
            for line in house.order_lines
        ),
        answers=tuple(
            replace(answer, answer=None)
            if (answer.order_number, answer.line) in old_lines
            else answer
            for answer in house.answers
        ),
    )


def outlived(order: Order, line: OrderLine, limit: date, time_zone: str) -> bool:
    """Its validity ended (without one: it was ordered) before the cutoff, in whatever state."""
    return local_day(line.valid_until or order.ordered_at, time_zone) < limit


def emptied_order(order: Order) -> Order:
    """Remark and IP address gone; amounts and dates intact."""
    return replace(order, remark=None, ip_address=None)


def emptied_line(line: OrderLine) -> OrderLine:
    """The data typed on the line gone; the country of the beneficiary stays."""
    return replace(
        line,
        beneficiary_first_name=None,
        beneficiary_last_name=None,
        beneficiary_email=None,
        beneficiary_birth_date=None,
    )


def anonymous_contact(contact: Contact, time_zone: str) -> Contact:
    """Names XXXXXXXX; country, town, postcode stay; created on 1 January of its year; all else
    empty."""
    year = local_day(contact.created_at, time_zone).year
    return Contact(
        contact_number=anonymous_number(contact.contact_number),
        kind=contact.kind,
        first_name=ANONYMOUS_NAME,
        last_name=ANONYMOUS_NAME,
        postcode=contact.postcode,
        town=contact.town,
        country=contact.country,
        created_at=datetime(year, 1, 1, tzinfo=ZoneInfo(time_zone)),
        is_anonymous=True,
    )


def _without_contacts(
    house: House, deleted: frozenset[str], anonymised: frozenset[str], time_zone: str
) -> House:
    """The deleted are gone, the anonymised a row without relation; ties among contacts removed."""
    struck = deleted | anonymised

    def unless_struck(number: str | None) -> str | None:
        return None if number in struck else number

    def renumbered(number: str | None) -> str | None:
        if number in anonymised:
            return anonymous_number(number)
        return unless_struck(number)

    contacts = tuple(
        anonymous_contact(contact, time_zone)
        if contact.contact_number in anonymised
        else replace(
            contact,
            structure=unless_struck(contact.structure),
            created_by=unless_struck(contact.created_by),
        )
        for contact in house.contacts
        if contact.contact_number not in deleted
    )
    return _relinked(replace(house, contacts=contacts), renumbered)


def _relinked(house: House, link: Callable[[str | None], str | None]) -> House:
    """Orders, lines and account entries follow ``link``; a row that is only about a contact stays
    only with a contact that keeps its number."""

    def only_about(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(row for row in rows if link(row.contact_number) == row.contact_number)

    return replace(
        house,
        orders=tuple(
            replace(
                order,
                purchase_contact=link(order.purchase_contact),
                cultural_contact=link(order.cultural_contact),
            )
            for order in house.orders
        ),
        order_lines=tuple(
            replace(line, beneficiary_contact=link(line.beneficiary_contact))
            for line in house.order_lines
        ),
        account_entries=tuple(
            replace(entry, contact_number=link(entry.contact_number))
            for entry in house.account_entries
        ),
        waiting_list=only_about(house.waiting_list),
        clicks=only_about(house.clicks),
        criteria=only_about(house.criteria),
        authorisations=only_about(house.authorisations),
        holds=only_about(house.holds),
        notes=only_about(house.notes),
    )


# -- Rows that belong together -------------------------------------------------------------------


def lines_with_orders(house: House) -> Iterator[tuple[Order, OrderLine]]:
    """Every order line, with its order."""
    for order in house.orders:
        for line in lines_of(house, order):
            yield order, line


def lines_of(house: House, order: Order) -> list[OrderLine]:
    """The lines of an order, of which there may be none."""
    return [line for line in house.order_lines if line.order_number == order.order_number]


def reached_by(order: Order, line: OrderLine) -> tuple[str | None, str | None, str | None]:
    """The purchase contact, the cultural contact, and the line's own beneficiary."""
    return order.purchase_contact, order.cultural_contact, line.beneficiary_contact


def is_dated(house: House, line: OrderLine) -> bool:
    """Whether the line is for a dated product."""
    return any(product.dated for product in house.products if product.code == line.product)
