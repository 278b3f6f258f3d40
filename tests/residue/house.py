"""A house with two contacts that go, one that stays, and texts of the latter about the former."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fadeout.contacts.models import Contact as ContactRow
from fadeout.core import sql
from fadeout.core.catalogue import texts
from fadeout.plans.models import Plan
from tests import support
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
    Product,
    at,
)

RECENT = at("2026-03-03T19:00:00Z")
OLD = at("2019-02-03T19:00:00Z")

ANNA = Contact(
    contact_number="KN-100123", first_name="Anna", last_name="Straßer", email="Anna.S@example.org",
    phone="+41 44 123 45 67", mobile="079 765 43 21", login="anna.s1",
)  # fmt: skip
BEN = Contact(
    contact_number="90001234", first_name="Ben", last_name="Özil", email="ben@example.org",
    phone="0041 31 999 88 77", login="benny77",
)  # fmt: skip
KAY = Contact(
    contact_number="K-1", first_name="Kay", last_name="Kept", email="kay@example.org",
    phone="+41 31 111 22 33",
)  # fmt: skip

#: As somebody may have typed them; not one of these stays anywhere.
EXACT = (
    "ANNA.S@EXAMPLE.ORG", "0041 (0)44/123-45-67", "(079) 7654321", "kn-100123", "Anna.S1",
    "ben@example.org", "+41319998877", "90001234", "BENNY77",
)  # fmt: skip
NAMES = ("ANNA STRASSER", "Özil, Ben")
#: Which rows stay, where others go or are emptied.
STAYS = {
    "contacts_contact": "WHERE last_name = 'Kept'",
    "sales_order": "WHERE order_number = 'new'",
}
TEXT = f"Called about {', then '.join((*EXACT, *NAMES))}. Kay: kay@example.org"


def house(*more: Contact, notes: tuple[Note, ...] = ()) -> House:
    """Anna is deleted, Ben is anonymised, Kay stays with a row in every table; so do ``more`` go."""
    return House(
        organisations=(Organisation(code="opera"),),
        products=(Product(code="tosca", organisation="opera", dated=True),),
        contacts=(ANNA, BEN, KAY, *more),
        orders=(
            Order(
                order_number="old", organisation="opera", ordered_at=OLD,
                purchase_contact=BEN.contact_number,
            ),
            Order(
                order_number="new", organisation="opera", ordered_at=RECENT, remark="x",
                purchase_contact="K-1",
            ),
        ),
        order_lines=(
            OrderLine(order_number="old", product="tosca", valid_until=OLD),
            OrderLine(order_number="new", product="tosca", valid_until=RECENT),
        ),
        answers=(Answer(order_number="new", question="Diet", answer="x"),),
        account_entries=(
            AccountEntry(entry_number="1", contact_number="K-1", organisation="opera", amount=1, label="x"),
        ),
        clicks=(Click(click_number="1", contact_number="K-1", clicked_at=RECENT),),
        criteria=(Criterion(contact_number="K-1", changed_at=RECENT, value="x"),),
        authorisations=(
            Authorisation(contact_number="K-1", changed_at=RECENT, value="yes", wording="x", evidence="x"),
        ),
        holds=(Hold(contact_number="K-1", reason="x", owner="x"),),
        notes=(Note(note_number="N1", contact_number="K-1"), *notes),
    )  # fmt: skip


def about(contact: Contact, **more: object) -> Contact:
    """Somebody else with something that this contact has too."""
    return replace(contact, **more)


def planned(folder: Path, *more: Contact, notes: tuple[Note, ...] = ()) -> Plan:
    """The house, imported and simulated."""
    support.imported(house(*more, notes=notes), folder)
    return support.approved(support.simulated())


def plant_everywhere(text: str) -> set[str]:
    """Write a text into every column that is searched, of whatever rows stay; tells which.

    Not into the ledger's, which are emptied as a whole.
    """
    planted = set()
    for table in texts.searched():
        for column in (column for column in table.columns if not column.emptied_with):
            value = "jsonb_build_object('about', %(text)s::text)" if column.is_json else "%(text)s"
            where = STAYS.get(table.name, "")
            if sql.execute(
                f'UPDATE "{table.name}" SET "{column.name}" = {value} {where}', {"text": text}
            ):
                planted.add(f"{table.name}.{column.name}")
    return planted


def note(number: str) -> str:
    """The text of a note."""
    return str(
        sql.rows("SELECT text FROM contacts_note WHERE note_number = %(n)s", {"n": number})[0][0]
    )


def contact_of(number: str) -> ContactRow:
    return ContactRow.objects.get(contact_number=number)
