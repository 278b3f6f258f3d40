"""Houses for tests of plans and runs, told row by row, and what the database holds of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fadeout.core import sql
from fadeout.core.catalogue import declaration
from fadeout.plans.models import Plan, PlanRow
from tests.model.house import (
    ROW_TYPES,
    Contact,
    House,
    Order,
    OrderLine,
    Organisation,
    Payment,
    Product,
    at,
)

#: Before and after the cutoff of 36 months as of ``tests.support.AS_OF`` (1 June 2023), and before
#: that of any plan that the commands make today.
OLD = at("2015-02-03T19:00:00Z")
RECENT = at("2026-03-03T19:00:00Z")
ORGANISATIONS = (Organisation(code="opera"), Organisation(code="shop", name="Museum shop"))
PRODUCTS = (
    Product(code="play", organisation="opera", dated=True),
    Product(code="voucher", organisation="shop", dated=False),
)


def house(*rows: Any) -> House:
    """A house of these rows; organisations and products are there already."""
    files: dict[str, tuple[Any, ...]] = {
        name: tuple(row for row in rows if isinstance(row, row_type))
        for name, row_type in ROW_TYPES.items()
    }
    return House(**files | {"organisations": ORGANISATIONS, "products": PRODUCTS})


def contact(number: str, **columns: Any) -> Contact:
    """A prospect of long ago, who is deleted unless something else is said of it."""
    return Contact(contact_number=number, **columns)


def order(number: str, buyer: str | None, **columns: Any) -> Order:
    base: dict[str, Any] = {"organisation": "opera", "ordered_at": OLD, "purchase_contact": buyer}
    return Order(order_number=number, **base | columns)


def line(number: str, **columns: Any) -> OrderLine:
    return OrderLine(order_number=number, **{"product": "voucher"} | columns)


def sale(number: str, buyer: str | None, price: str = "10.00", **columns: Any) -> tuple[Any, ...]:
    """An old order of one line, paid to the cent."""
    amount = Decimal(price)
    return (
        order(number, buyer, **columns),
        line(number, price=amount),
        Payment(payment_number=f"pay {number}", order_number=number, amount=amount),
    )


def three() -> House:
    """One to delete, one to anonymise, one to keep."""
    return house(
        contact("prospect"),
        contact("buyer", first_name="Ann", last_name="Ace", town="Genève", country="CH"),
        *sale("O1", "buyer"),
        contact("kept", created_at=RECENT),
    )


def everything(*leaving_out: str) -> dict[str, list[str]]:
    """Every row of every table, as text in order, but for some tables."""
    return {
        table: [
            row for (row,) in sql.rows(f'SELECT to_jsonb(t)::text FROM "{table}" AS t ORDER BY 1')
        ]
        for table in declaration.tables()
        if table not in leaving_out
    }


def contact_ids() -> dict[str, int]:
    """Contact number -> id."""
    return dict(sql.rows("SELECT contact_number, id FROM contacts_contact"))


def states(plan: Plan, names: dict[int, str]) -> dict[str, tuple[str, str | None]]:
    """Contact number -> state of its row and why it was kept after all; struck ones have none."""
    return {
        names[row.contact_id]: (row.state, row.kept_because)
        for row in PlanRow.objects.filter(plan=plan, contact__isnull=False)
    }
