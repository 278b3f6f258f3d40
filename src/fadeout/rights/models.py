"""Requests of contacts about their own data."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact, one_of
from fadeout.institution.models import Operator


class RequestKind(models.TextChoices):
    """What is asked for."""

    ERASURE = "erasure"


class Identified(models.TextChoices):
    """How it is known that it was the contact who asked."""

    LINK = "link"
    OPERATOR = "operator"


class State(models.TextChoices):
    """Where a request stands. One is done once its contact is erased, in whatever way."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class Request(models.Model):
    """One request. Erasure cuts it off from its contact and notes the day: so it is done.

    ``due_on`` is the last day on which it is answered in time. ``refusal`` is why it was closed without
    being carried out.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    kind = models.TextField(choices=RequestKind)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="requests")
    identified = models.TextField(choices=Identified)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(Operator, models.PROTECT, null=True, db_index=False)
    refusal = models.TextField(null=True)
    erased_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(refused_at__isnull=True, erased_on__isnull=True),
                name="rights_request_open",
            )
        ]
        constraints = [
            one_of("kind", RequestKind, "rights_request_kind"),
            one_of("identified", Identified, "rights_request_identified"),
            models.UniqueConstraint(
                fields=["contact", "kind"],
                condition=Q(refused_at__isnull=True, erased_on__isnull=True),
                name="rights_request_open_once",
            ),
            models.CheckConstraint(
                condition=Q(contact__isnull=False) | Q(erased_on__isnull=False),
                name="rights_request_of_somebody",
            ),
        ]

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.refused_at is not None:
            return State.REFUSED
        return State.OPEN if self.erased_on is None else State.DONE
