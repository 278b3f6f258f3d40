"""Recency as it was decided last: kept for questions about many contacts, never for a decision."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact
from fadeout.policy.outcomes import Activity


class Indicator(models.Model):
    """When a contact was last active and by what, as the one statement said at ``decided_at``.

    The row has the id of its contact.
    """

    contact = models.OneToOneField(
        Contact, models.PROTECT, primary_key=True, db_column="id", related_name="indicator"
    )
    recency_on = models.DateField()
    activity = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recency_on"], name="recency_indicator_on")]
        constraints = [
            models.CheckConstraint(
                condition=Q(activity__in=list(Activity)), name="recency_indicator_activity"
            ),
        ]


class Freshness(models.Model):
    """When the recency of all contacts was last decided together; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="recency_freshness_is_one")]
