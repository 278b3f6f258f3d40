"""Reads of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count

from fadeout.core import sql
from fadeout.sales.models import Organisation

MOST_ORDERS = 50


@dataclass(frozen=True)
class OrderOfContact:
    """An order that reaches a contact.

    ``parts`` are codes (purchase, cultural, beneficiary), ``kinds`` those of its lines (option,
    reservation, sale); ``amount`` is what its standing sale lines cost.
    """

    order_number: str
    organisation: str
    ordered_at: datetime
    currency: str
    parts: tuple[str, ...]
    lines: int
    kinds: tuple[str, ...]
    amount: Decimal


@dataclass(frozen=True)
class OrdersOfContact:
    """The latest orders, and how many there are."""

    latest: tuple[OrderOfContact, ...]
    count: int


def organisation_names() -> dict[str, str]:
    """What organisations are called, by code."""
    return dict(Organisation.objects.values_list("code", "name"))


@dataclass(frozen=True)
class OrganisationSeen:
    """A selling unit of the institution, and how many products it has."""

    code: str
    name: str
    products: int


def organisations() -> list[OrganisationSeen]:
    """Every selling unit, by name."""
    found = Organisation.objects.annotate(products=Count("product")).order_by("name", "code")
    return [OrganisationSeen(*row) for row in found.values_list("code", "name", "products")]


def orders_of(contact_id: int, *, most: int = MOST_ORDERS) -> OrdersOfContact:
    """Orders that the contact bought, that were made for it, or that it holds a ticket of."""
    found = sql.rows(
        sql.load("sales", "list_orders_of_contact"), {"contact": contact_id, "most": most}
    )
    latest = tuple(
        OrderOfContact(
            number, organisation, at, currency, tuple(parts), lines, tuple(kinds), amount
        )
        for number, organisation, at, currency, parts, lines, kinds, amount, _ in found
    )
    return OrdersOfContact(latest, found[0][-1] if found else 0)
