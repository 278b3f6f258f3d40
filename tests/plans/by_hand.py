"""Contacts for tests of forgetting by hand: one for each reason that forbids, one for each that warns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.model.house import AccountEntry, Hold, House, at
from tests.plans.house import OLD, contact, house, line, order, sale

#: So far away that it is to come for commands as well, which ask the clock.
TO_COME = at("2126-12-24T19:00:00Z")


def held(number: str, reason: str) -> tuple[Any, ...]:
    return contact(number), Hold(contact_number=number, reason=reason, until=TO_COME.date())


def paid_sale(number: str, buyer: str, **columns: Any) -> tuple[Any, ...]:
    """A sale of nothing to pay, so that no balance comes of it."""
    return order(number, buyer), line(number, **columns)


#: Reason -> the rows of a contact named after it, whom nothing else forbids.
FORBIDDEN: dict[str, tuple[Any, ...]] = {
    "debtor": (contact("debtor"), order("D", "debtor"), line("D", price=Decimal(5))),
    "creditor": (
        contact("creditor"),
        AccountEntry(
            entry_number="1", contact_number="creditor", organisation="shop", amount=Decimal("0.05")
        ),
    ),
    "hold": held("hold", "court"),
    "restriction": held("restriction", "restriction"),
    "request": held("request", "request"),
    "open_order": (
        contact("open_order"),
        order("O", "open_order"),
        line("O", kind="reservation", valid_until=TO_COME),
    ),
    "sale_to_come": (
        contact("sale_to_come"),
        *paid_sale("S", "sale_to_come", valid_until=TO_COME),
    ),
}
#: Reason -> the same, of whom nothing but this is told; and what becomes of them.
WARNED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "active": ("delete", (contact("active", created_at=TO_COME),)),
    "structure": (
        "anonymise",
        (contact("structure", kind="structure"), *sale("P", "structure")),
    ),
    "role": ("delete", (contact("role", roles=("guide",)),)),
}


def forbidden() -> House:
    return house(*(row for rows in FORBIDDEN.values() for row in rows))


def warned() -> House:
    return house(*(row for _, rows in WARNED.values() for row in rows))


def both_and_more() -> House:
    """All of them, somebody who may be deleted, somebody who may be anonymised, an old ticket."""
    return house(
        *(row for rows in FORBIDDEN.values() for row in rows),
        *(row for _, rows in WARNED.values() for row in rows),
        contact("prospect", first_name="Pia", email="pia@example.org"),
        contact("buyer", first_name="Ann", last_name="Ace", town="Genève", country="CH"),
        *sale("B", "buyer"),
        contact("kept", created_at=OLD),
        order("T", None, remark="an old remark"),
        line("T", beneficiary_first_name="Zoë"),
    )
