"""A house in which every column that holds personal data holds a value found nowhere else.

``GONE`` are the values of two contacts that a run strikes (one deleted, one anonymised) and of old
tickets; ``KEPT`` are those of a contact that stays.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

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
)

OLD = at("2020-02-03T19:00:00Z")
RECENT = at("2026-03-03T19:00:00Z")
TEXT_COLUMNS = (
    "title", "first_name", "last_name", "email", "phone", "mobile", "street", "street2", "login",
    "remark",
)  # fmt: skip


def contact(who: str, **more: object) -> Contact:
    texts = {column: f"sentinel-{who}-{column}" for column in TEXT_COLUMNS}
    base = Contact(
        contact_number=f"sentinel-{who}-number",
        postcode=f"{who}-9999",
        town=f"Town of {who}",
        country="CH",
        language=f"xq-{who}"[:8],
        **texts,
    )
    return replace(base, **more)


def rows_about(who: str, instant: object, *, counting: bool) -> dict[str, tuple[object, ...]]:
    """Rows in every table that hangs on a contact."""
    number = f"sentinel-{who}-number"
    origin = "operator" if counting else "system"
    return {
        "waiting_list": (
            WaitingListEntry(
                entry_number=f"sentinel-{who}-waiting", contact_number=number,
                organisation="opera", added_at=instant,
            ),
        ),
        "clicks": (
            Click(
                click_number=f"sentinel-{who}-click", contact_number=number,
                link=f"sentinel-{who}-link", clicked_at=instant, automated=not counting,
            ),
        ),
        "criteria": (
            Criterion(
                contact_number=number, criterion=f"sentinel-{who}-criterion", changed_at=instant,
                value=f"sentinel-{who}-value", origin=origin,
            ),
        ),
        "authorisations": (
            Authorisation(
                contact_number=number, purpose=f"sentinel-{who}-purpose",
                channel=f"sentinel-{who}-channel", changed_at=instant, value="yes", origin=origin,
                wording=f"sentinel-{who}-wording", evidence=f"sentinel-{who}-evidence",
            ),
        ),
        "holds": (
            Hold(
                contact_number=number, reason=f"sentinel-{who}-hold", until=date(2021, 5, 6),
                owner=f"sentinel-{who}-owner",
            ),
        ),
        "notes": (
            Note(
                note_number=f"sentinel-{who}-note", contact_number=number,
                text=f"sentinel-{who}-text",
            ),
        ),
        "account_entries": (
            AccountEntry(
                entry_number=f"{who}-entry-1", contact_number=number, organisation="opera",
                amount=Decimal("5.00"), label=f"sentinel-{who}-label",
            ),
            AccountEntry(
                entry_number=f"{who}-entry-2", contact_number=number, organisation="opera",
                amount=Decimal("-5.00"), label=f"sentinel-{who}-label-2",
            ),
        ),
    }  # fmt: skip


def order(
    who: str, instant: object, *, kind: str, state: str, buyer: str | None
) -> dict[str, object]:
    """An order with a line, an answer, and everything that can be typed on them."""
    return {
        "orders": Order(
            order_number=f"order-{who}", organisation="opera", purchase_contact=buyer,
            ordered_at=instant, ip_address=f"sentinel-{who}-ip", remark=f"sentinel-{who}-order",
        ),
        "order_lines": OrderLine(
            order_number=f"order-{who}", product="tosca", kind=kind, state=state,
            price=Decimal("12.50"), valid_until=instant,
            beneficiary_first_name=f"sentinel-{who}-given", beneficiary_last_name=f"sentinel-{who}-family",
            beneficiary_email=f"sentinel-{who}-mail", beneficiary_birth_date=date(1941, 8, 23),
            beneficiary_country="LI",
        ),
        "answers": Answer(
            order_number=f"order-{who}", question="Diet", answer=f"sentinel-{who}-answer"
        ),
    }  # fmt: skip


def sentinel_house() -> House:
    """One contact to delete, one to anonymise, one to keep; old tickets of the one that stays."""
    parts: dict[str, list[object]] = {}
    for who, instant, counting in (
        ("deleted", OLD, False),
        ("anonym", OLD, True),
        ("kept", RECENT, True),
    ):
        for name, rows in rows_about(who, instant, counting=counting).items():
            parts.setdefault(name, []).extend(rows)
    for made in (
        order("deleted", OLD, kind="option", state="lapsed", buyer="sentinel-deleted-number"),
        order("anonym", OLD, kind="sale", state="standing", buyer="sentinel-anonym-number"),
        order("kept", RECENT, kind="sale", state="standing", buyer="sentinel-kept-number"),
        order("old-ticket", OLD, kind="sale", state="standing", buyer="sentinel-kept-number"),
        order("walk-up", OLD, kind="sale", state="standing", buyer=None),
    ):
        for name, row in made.items():
            parts.setdefault(name, []).append(row)
    contacts = [
        contact("deleted", birth_date=date(1937, 3, 17), created_at=at("2012-07-23T07:23:01.234567Z")),
        contact(
            "anonym", birth_date=date(1938, 4, 18), created_at=at("2013-08-24T08:24:02.345678Z"),
            email_validated_at=at("2014-09-25T09:25:03Z"), created_by="sentinel-kept-number",
        ),
        contact("kept", birth_date=date(1950, 1, 2), created_by="sentinel-deleted-number"),
    ]  # fmt: skip
    payments = [
        Payment(payment_number=f"pay-{who}", order_number=f"order-{who}", amount=Decimal("12.50"))
        for who in ("anonym", "kept", "old-ticket", "walk-up")
    ]
    return House(
        organisations=(Organisation(code="opera"),),
        products=(Product(code="tosca", organisation="opera", dated=True),),
        contacts=tuple(contacts),
        payments=tuple(payments),
        **{name: tuple(rows) for name, rows in parts.items()},
    )


#: Of the struck contacts and the old tickets: in a dump before a run, and not after it.
GONE_EXACT = ("1937-03-17", "1938-04-18", "2014-09-25", "2012-07-23", "2013-08-24", "1941-08-23")
STRUCK = ("deleted", "anonym")
CLEARED = ("old-ticket", "walk-up")
