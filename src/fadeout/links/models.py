"""Tracked links, whom each was issued to, the clicks on them, and what is counted of these."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact
from fadeout.institution.models import Operator


class TrackedLink(models.Model):
    """An address whose clicks are counted. ``code`` is what everybody's address ends with.

    It is never removed: what was counted under it stays. Retired, it leads nowhere any more.
    """

    code = models.TextField(db_collation="C")
    name = models.TextField()
    destination = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "links_tracked_link"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="tracked_link_code_once"),
            models.UniqueConstraint(fields=["name"], name="tracked_link_name_once"),
            models.CheckConstraint(
                condition=Q(destination__regex=r"^https?://[!-~]+$"),
                name="tracked_link_leads_to_the_web",
            ),
        ]


class Issued(models.Model):
    """A link of a contact's own: what its token stands for (:mod:`fadeout.links.tokens`).

    ``issued_for`` is whatever the contact has it from: a mailing, by an id of that mailing's own.
    """

    handle = models.BigIntegerField()
    link = models.ForeignKey(TrackedLink, models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    issued_for = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handle"], name="issued_handle_once"),
            models.UniqueConstraint(
                fields=["issued_for", "contact", "link"], name="issued_once_to_a_contact"
            ),
        ]


class Click(models.Model):
    """One click; an automated one (mail scanner, prefetch) is kept apart and never counts.

    Of a click on a link of ours ``tracked_link`` and ``issued_for`` tell which one; an imported one has
    neither. There is no constraint on ``tracked_link``: every click would have to lock the row of its link.
    """

    click_number = models.TextField(db_collation="C")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="clicks")
    link = models.TextField()
    clicked_at = models.DateTimeField()
    automated = models.BooleanField()
    tracked_link = models.ForeignKey(
        TrackedLink,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    issued_for = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["issued_for", "contact"],
                condition=Q(issued_for__isnull=False),
                name="click_of_a_mailing",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["click_number"], name="click_number_once"),
        ]


class Counted(models.Model):
    """How often a link was clicked: by people, by programs, and by how many contacts for the first time.

    ``issued_for`` is empty for the address that everybody has. Nobody can be told from it.
    """

    link = models.ForeignKey(
        TrackedLink, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    issued_for = models.UUIDField(null=True)
    day = models.DateField()
    human = models.BigIntegerField()
    automated = models.BigIntegerField()
    contacts = models.BigIntegerField()

    class Meta:
        abstract = True


class Tally(Counted):
    """What one click adds, until the worker folds it into :class:`Daily`: no two clicks wait for a row."""


class Daily(Counted):
    """The sums of a day in the institution's time zone."""

    class Meta:
        indexes = [models.Index(fields=["issued_for"], name="daily_of_a_mailing")]
        constraints = [
            models.UniqueConstraint(
                fields=["link", "issued_for", "day"], name="daily_once", nulls_distinct=False
            ),
        ]
