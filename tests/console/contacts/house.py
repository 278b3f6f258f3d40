"""Contacts of whom the console has much to show, and those it must not show."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.test import Client

from fadeout.contacts.models import Contact
from tests import support
from tests.model.house import (
    AccountEntry,
    Authorisation,
    Click,
    Criterion,
    Hold,
    Note,
    OrderLine,
    WaitingListEntry,
    at,
    day,
)
from tests.plans.house import RECENT, contact, house, line, order, sale

HOUSE = house(
    contact("1001", last_name="Müller", first_name="Anna", email="anna.mueller@example.org",
            phone="+41 44 123 45 67", town="Zürich", country="CH", language="de"),
    contact("1002", last_name="Muller", first_name="Bernard", country="FR", language="fr"),
    contact("2001", kind="structure", last_name="Lycée Voltaire", country="FR"),
    contact("R", kind="relay", structure="2001", created_by="1001", first_name="Rosa", last_name="Roth",
            email="rosa@example.org", town="Genève", country="CH", postcode="1204", street="Rue du Lac 1",
            roles=("guide",), remark="speaks softly", birth_date=day("1980-05-06")),
    *sale("O1", "1002"),
    *sale("O2", "R"),
    order("O3", "1001", cultural_contact="R", ordered_at=RECENT),
    line("O3", line=1, price=Decimal("7.50")),
    OrderLine(order_number="O3", line=2, product="play", kind="reservation", beneficiary_contact="R",
              valid_until=at("2026-04-01T20:00Z"), state="cancelled"),
    Authorisation(contact_number="R", value="yes", changed_at=at("2019-01-01T12:00Z"),
                  wording="Shall we write?"),
    Authorisation(contact_number="R", value="no", changed_at=at("2020-01-01T12:00Z")),
    Criterion(contact_number="R", value="opera", changed_at=at("2021-01-01T12:00Z")),
    Hold(contact_number="R", reason="court", until=day("2027-01-01"), owner="Law"),
    AccountEntry(entry_number="1", contact_number="R", organisation="opera",
                 amount=Decimal("1234.5")),
    Note(note_number="1", contact_number="R", text="rang <b>twice</b>"),
    Click(click_number="1", contact_number="R", link="season", clicked_at=at("2024-01-01T12:00Z"),
          automated=True),
    WaitingListEntry(entry_number="1", contact_number="R", organisation="opera", product="play",
                      added_at=at("2018-01-01T12:00Z")),
)  # fmt: skip


def imported(folder: Path) -> None:
    support.imported(HOUSE, folder)


def public_id(number: str) -> UUID:
    return Contact.objects.get(contact_number=number).public_id


def at_contact(number: str, more: str = "") -> str:
    """The address of a contact's sheet, or of a page under it."""
    return f"/contacts/{public_id(number)}/{more}"


def fields(page: str) -> dict[str, str]:
    """What a form would send if nobody touched it: hidden fields, texts, ticked choices."""
    form = page.rpartition('class="sheet stack edit"')[2].rpartition('class="final-step"')[2]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if "name" in told:
            found[told["name"]] = told.get("value", "")
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>\s*([^<]*)</textarea>', form):
        found[name] = text
    return found


def opened(client: Client, address: str) -> dict[str, str]:
    """The form at an address, as it is shown."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return fields(answer.content.decode())
