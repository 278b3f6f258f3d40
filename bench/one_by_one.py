"""What Fadeout is compared with: a loop that saves object by object, as Django packages do.

It does to a contact what the catalogue says, with the ORM, one row and one statement at a time, the
contact in a transaction of its own. It has neither locks nor a second decision.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from django.db import models, transaction

from fadeout.contacts.models import Contact
from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Action
from fadeout.sales.models import Order, OrderLine

VALUES = {Action.EMPTY: None, Action.XXXXXXXX: "XXXXXXXX", Action.MARK: True}


def erase(contact_id: int, outcome: str, today: date) -> None:
    """Delete or anonymise one contact, object by object."""
    with transaction.atomic():
        contact = Contact.objects.get(pk=contact_id)
        orders = [*contact.purchases.all(), *contact.cultural_orders.all()]
        lines = [line for order in orders for line in order.lines.all()]
        for line in [*lines, *contact.tickets.all()]:
            _save_emptied(line)
        for answer in (answer for line in lines for answer in line.answers.all()):
            _save_emptied(answer)
        for row in [*orders, *contact.account_entries.all()]:
            _save_emptied(row)
        _delete_all(_only_about(contact))
        for other in [*contact.relays.all(), *contact.community.all()]:
            other.structure, other.created_by = None, None
            other.save()
        for row in contact.plan_rows.all():
            row.contact, row.recency_on, row.activity, row.reasons = None, None, None, None
            row.state = "struck"
            row.save()
        _delete(contact, orders) if outcome == "delete" else _anonymise(contact, today)


def _only_about(contact: Contact) -> Iterable[models.Model]:
    for name in ("roles", "criteria", "authorisations", "holds", "notes", "waiting_list", "clicks"):
        yield from getattr(contact, name).all()


def _delete_all(rows: Iterable[models.Model]) -> None:
    for row in list(rows):
        row.delete()


def _save_emptied(row: models.Model) -> None:
    for column in declaration.tables()[row._meta.db_table].columns.values():
        if column.anonymisation in VALUES:
            setattr(row, column.name, VALUES[column.anonymisation])
    row.save()


def _anonymise(contact: Contact, today: date) -> None:
    _save_emptied_names(contact)
    contact.public_id = uuid.uuid4()
    contact.contact_number = f"~{uuid.uuid4().hex}"
    contact.created_at = contact.created_at.replace(month=1, day=1)
    contact.structure, contact.created_by, contact.anonymised_on = None, None, today
    contact.save()


def _save_emptied_names(contact: Contact) -> None:
    for column in declaration.tables()["contacts_contact"].columns.values():
        if column.anonymisation in VALUES:
            setattr(contact, column.name, VALUES[column.anonymisation])


def _delete(contact: Contact, orders: list[Order]) -> None:
    for order in orders:
        order.purchase_contact, order.cultural_contact = None, None
        order.save()
    for line in OrderLine.objects.filter(beneficiary_contact=contact):
        line.beneficiary_contact = None
        line.save()
    for entry in contact.account_entries.all():
        entry.contact = None
        entry.save()
    contact.delete()
