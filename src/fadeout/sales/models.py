"""Organisations, products, orders, lines, answers, payments, account entries, waiting lists.

``is_emptied`` marks what erasure emptied, so that no import fills it again.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact


class LineKind(models.TextChoices):
    """A seat held for a while, an order not yet sold, an order sold."""

    OPTION = "option"
    RESERVATION = "reservation"
    SALE = "sale"


class LineState(models.TextChoices):
    """Whether the line still stands."""

    STANDING = "standing"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class AnswerType(models.TextChoices):
    """What kind of answer a question asks for."""

    TEXT = "text"
    ADDRESS = "address"
    EMAIL = "email"
    CHOICE = "choice"


def amount() -> models.DecimalField:  # type: ignore[type-arg]
    """Money: at most 12 digits before the point and 2 after."""
    return models.DecimalField(max_digits=14, decimal_places=2)


def currency_is_iso_4217(name: str) -> models.CheckConstraint:
    """The constraint that a currency is three capital letters (old orders keep old currencies)."""
    return models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name=name)


class Organisation(models.Model):
    """A selling unit of the institution: an opera, a museum shop."""

    code = models.TextField(db_collation="C")
    name = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="organisation_code_once"),
        ]


class Product(models.Model):
    """What is sold: dated (a performance, a slot) or undated (a voucher, a shop article)."""

    code = models.TextField(db_collation="C")
    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False)
    name = models.TextField()
    dated = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="product_code_once"),
        ]


class Order(models.Model):
    """Who pays (purchase contact), for whom (cultural contact), when, in which currency."""

    order_number = models.TextField(db_collation="C")
    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False)
    purchase_contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="purchases", db_index=False
    )
    cultural_contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="cultural_orders", db_index=False
    )
    ordered_at = models.DateTimeField()
    currency = models.TextField()
    ip_address = models.TextField(null=True)
    remark = models.TextField(null=True)
    is_emptied = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["purchase_contact"],
                condition=Q(purchase_contact__isnull=False),
                name="order_purchase_contact",
            ),
            models.Index(
                fields=["cultural_contact"],
                condition=Q(cultural_contact__isnull=False),
                name="order_cultural_contact",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order_number"], name="order_number_once"),
            currency_is_iso_4217("order_currency_iso_4217"),
            models.CheckConstraint(
                condition=Q(is_emptied=False) | Q(ip_address__isnull=True, remark__isnull=True),
                name="order_emptied_is_empty",
            ),
        ]


class OrderLine(models.Model):
    """One seat or article: an option, a reservation or a sale, and who it is for."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    line = models.IntegerField()
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    kind = models.TextField(choices=LineKind)
    state = models.TextField(choices=LineState)
    confirmed_at = models.DateTimeField(null=True)
    price = amount()
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    beneficiary_contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="tickets", db_index=False
    )
    beneficiary_first_name = models.TextField(null=True)
    beneficiary_last_name = models.TextField(null=True)
    beneficiary_email = models.TextField(null=True)
    beneficiary_birth_date = models.DateField(null=True)
    beneficiary_country = models.TextField(null=True)
    is_emptied = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "sales_order_line"
        indexes = [
            models.Index(
                fields=["beneficiary_contact"],
                condition=Q(beneficiary_contact__isnull=False),
                name="line_beneficiary_contact",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="line_once"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="line_kind"),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="line_state"),
            models.CheckConstraint(
                condition=Q(is_emptied=False)
                | Q(
                    beneficiary_first_name__isnull=True,
                    beneficiary_last_name__isnull=True,
                    beneficiary_email__isnull=True,
                    beneficiary_birth_date__isnull=True,
                ),
                name="line_emptied_is_empty",
            ),
        ]


class Answer(models.Model):
    """What was answered to a question asked with a line: a diet, a school class, an address."""

    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="answers", db_index=False
    )
    question = models.TextField(db_collation="C")
    type = models.TextField(choices=AnswerType)
    answer = models.TextField(null=True)
    is_emptied = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_line", "question"], name="answer_once"),
            models.CheckConstraint(condition=Q(type__in=AnswerType.values), name="answer_type"),
            models.CheckConstraint(
                condition=Q(is_emptied=False) | Q(answer__isnull=True),
                name="answer_emptied_is_empty",
            ),
        ]


class Payment(models.Model):
    """Money received for an order, or paid back (negative)."""

    payment_number = models.TextField(db_collation="C")
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    paid_at = models.DateTimeField()
    amount = amount()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment_number"], name="payment_number_once"),
        ]


class AccountEntry(models.Model):
    """An entry on the account of a contact with an organisation; positive: the house owes."""

    entry_number = models.TextField(db_collation="C")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="account_entries")
    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False)
    booked_at = models.DateTimeField()
    currency = models.TextField()
    amount = amount()
    label = models.TextField(null=True)
    is_emptied = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "sales_account_entry"
        constraints = [
            models.UniqueConstraint(fields=["entry_number"], name="account_entry_number_once"),
            currency_is_iso_4217("account_entry_currency_iso_4217"),
            models.CheckConstraint(
                condition=Q(is_emptied=False) | Q(label__isnull=True),
                name="account_entry_emptied_is_empty",
            ),
        ]


class WaitingListEntry(models.Model):
    """A contact waits for a seat."""

    entry_number = models.TextField(db_collation="C")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="waiting_list")
    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, db_index=False)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "sales_waiting_list_entry"
        constraints = [
            models.UniqueConstraint(fields=["entry_number"], name="waiting_list_entry_number_once"),
        ]
