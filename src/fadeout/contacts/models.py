"""Contacts and what is only about them.

Keys that come from outside (contact numbers, note numbers) are compared byte by byte
(collation ``C``), as the exchange format asks.
"""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from fadeout.institution.models import Operator

ANONYMOUS_NAME = "XXXXXXXX"


class Origin(models.TextChoices):
    """Who brought about a change of a criterion or an authorisation."""

    CONTACT = "contact"
    OPERATOR = "operator"
    IMPORT = "import"
    SYSTEM = "system"


class ContactKind(models.TextChoices):
    """A relay is a person who acts for a structure: a teacher for a school."""

    INDIVIDUAL = "individual"
    RELAY = "relay"
    STRUCTURE = "structure"


class Answer(models.TextChoices):
    """What a contact said to a purpose on a channel. Unanswered is no."""

    YES = "yes"
    NO = "no"
    UNANSWERED = "unanswered"


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The constraint that a column holds one of the codes of the exchange format."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


class Contact(models.Model):
    """A person or a structure on file, or the anonymous row that was left of one."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    contact_number = models.TextField(db_collation="C")
    kind = models.TextField(choices=ContactKind)
    structure = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="relays", db_index=False
    )
    title = models.TextField(null=True)
    first_name = models.TextField(null=True)
    last_name = models.TextField(null=True)
    birth_date = models.DateField(null=True)
    language = models.TextField(null=True)
    email = models.TextField(null=True)
    phone = models.TextField(null=True)
    mobile = models.TextField(null=True)
    street = models.TextField(null=True)
    street2 = models.TextField(null=True)
    postcode = models.TextField(null=True)
    town = models.TextField(null=True)
    country = models.TextField(null=True)
    coarse_origin = models.TextField(null=True)
    login = models.TextField(null=True)
    email_validated_at = models.DateTimeField(null=True)
    remark = models.TextField(null=True)
    photo = models.BinaryField(null=True)
    preferences = models.JSONField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="community", db_index=False
    )
    anonymised_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["structure"], condition=Q(structure__isnull=False), name="contact_structure"
            ),
            models.Index(
                fields=["created_by"],
                condition=Q(created_by__isnull=False),
                name="contact_created_by",
            ),
            models.Index(
                fields=["id"], condition=Q(anonymised_on__isnull=False), name="contact_anonymised"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["contact_number"], name="contact_number_once"),
            one_of("kind", ContactKind, "contact_kind"),
            models.CheckConstraint(condition=~Q(contact_number=""), name="contact_number_given"),
            models.CheckConstraint(
                condition=Q(country__isnull=True) | Q(country__regex=r"^[A-Z]{2}$"),
                name="contact_country_iso_3166",
            ),
            models.CheckConstraint(
                condition=Q(anonymised_on__isnull=True)
                | Q(
                    first_name=ANONYMOUS_NAME,
                    last_name=ANONYMOUS_NAME,
                    **{
                        f"{column}__isnull": True
                        for column in (
                            "structure",
                            "title",
                            "birth_date",
                            "language",
                            "email",
                            "phone",
                            "mobile",
                            "street",
                            "street2",
                            "login",
                            "email_validated_at",
                            "remark",
                            "photo",
                            "preferences",
                            "created_by",
                        )
                    },
                ),
                name="contact_anonymised_is_empty",
            ),
        ]


class Role(models.Model):
    """A function that a contact has besides being a customer: supplier, guide, producer."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="roles", db_index=False)
    role = models.TextField(db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "role"], name="role_once"),
            models.CheckConstraint(condition=~Q(role=""), name="role_given"),
        ]


class Criterion(models.Model):
    """One change of a label that an operator or the contact sets; the latest is in force."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="criteria", db_index=False)
    criterion = models.TextField(db_collation="C")
    changed_at = models.DateTimeField()
    value = models.TextField(null=True)
    origin = models.TextField(choices=Origin)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "criterion", "changed_at"], name="criterion_change_once"
            ),
            one_of("origin", Origin, "criterion_origin"),
        ]


class Authorisation(models.Model):
    """One answer for a purpose and a channel; the latest is in force."""

    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="authorisations", db_index=False
    )
    purpose = models.TextField(db_collation="C")
    channel = models.TextField(db_collation="C")
    changed_at = models.DateTimeField()
    value = models.TextField(choices=Answer)
    origin = models.TextField(choices=Origin)
    wording = models.TextField(null=True)
    evidence = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose", "channel", "changed_at"],
                name="authorisation_change_once",
            ),
            one_of("value", Answer, "authorisation_value"),
            one_of("origin", Origin, "authorisation_origin"),
        ]


class Hold(models.Model):
    """A reason not to touch a contact, through its last day or open-ended.

    One that is ``of_request`` stands for the contact's own request for erasure, and ends with it.
    """

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="holds", db_index=False)
    reason = models.TextField(db_collation="C")
    until = models.DateField(null=True)
    owner = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    of_request = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "reason"], name="hold_once")]


class Note(models.Model):
    """What an operator wrote about a contact."""

    note_number = models.TextField(db_collation="C")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="notes")
    written_at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note_number"], name="note_number_once"),
        ]


class LinksEnded(models.Model):
    """Until when links that a contact got by mail open nothing any more: those of later mails do."""

    contact = models.OneToOneField(Contact, models.PROTECT, related_name="links_ended")
    at = models.DateTimeField()


class Attempt(models.Model):
    """How often something was tried, under a digest that nobody can turn back; gone once it is over."""

    digest = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)


class OfferingVersion(models.Model):
    """What contacts are offered to decide for themselves, in words; a version is never changed."""

    number = models.PositiveIntegerField(primary_key=True)
    content = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Operator, models.PROTECT, db_index=False)
