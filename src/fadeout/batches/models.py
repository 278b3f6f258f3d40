"""Batches, each time one was due, and who was told of it."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from fadeout.institution.models import Operator
from fadeout.plans.models import Plan


class BatchKind(models.TextChoices):
    """What a batch does. The rule book knows one kind."""

    INACTIVE_CONTACTS = "inactive_contacts"


class Mode(models.TextChoices):
    """Whether a batch only simulates, or erases."""

    SIMULATION = "simulation"
    REAL = "real"


class Outcome(models.TextChoices):
    """How an occurrence of a batch ended."""

    SIMULATED = "simulated"
    #: Approved by whoever switched the batch on; the house asks for a second person.
    WAITS = "waits"
    #: Another brake holds the plan; ``held`` names them.
    HELD = "held"
    DONE = "done"
    INCOMPLETE = "incomplete"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    #: ``failure`` holds the code.
    FAILED = "failed"


class Batch(models.Model):
    """What is done when, in the house's time zone. Real only while ``switched_by`` answers for it.

    Occurrences before ``counts_from`` are none: the batch did not exist, or stood still.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    kind = models.TextField(choices=BatchKind, default=BatchKind.INACTIVE_CONTACTS)
    months = models.PositiveSmallIntegerField(default=36)
    mode = models.TextField(choices=Mode, default=Mode.SIMULATION)
    schedule = models.TextField()
    enabled = models.BooleanField(default=True)
    told = models.ManyToManyField(Operator, related_name="told_of")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    counts_from = models.DateTimeField()
    switched_at = models.DateTimeField(null=True)
    switched_by = models.ForeignKey(
        Operator, models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BatchKind.values), name="batch_kind"),
            models.CheckConstraint(condition=Q(months__gte=1), name="batch_months_at_least_one"),
            models.CheckConstraint(
                condition=Q(mode="simulation", switched_by__isnull=True, switched_at__isnull=True)
                | Q(mode="real", switched_by__isnull=False, switched_at__isnull=False),
                name="batch_real_only_if_switched",
            ),
        ]

    @property
    def stamp(self) -> str:
        """Another one after every change and switch: whoever saw another saw another batch."""
        times = [at.isoformat() for at in (self.changed_at, self.switched_at) if at is not None]
        return " ".join(times)


class BatchStart(models.Model):
    """One occurrence of a batch: begun once, however many workers look; the batch as it was then."""

    batch = models.ForeignKey(Batch, models.SET_NULL, null=True, related_name="starts")
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    mode = models.TextField(choices=Mode)
    months = models.PositiveSmallIntegerField()
    by = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    plan = models.OneToOneField(Plan, models.PROTECT, null=True, related_name="batch_start")
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(choices=Outcome, null=True)
    held = models.JSONField(default=list)
    failure = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "due_at"], name="batch_occurrence_once"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="batch_start_mode"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, ended_at__isnull=True)
                | Q(outcome__in=Outcome.values, ended_at__isnull=False),
                name="batch_start_ends_with_outcome",
            ),
        ]


class Notice(models.Model):
    """Somebody is to be told how an occurrence ended; sent once the mail server took it."""

    start = models.ForeignKey(BatchStart, models.CASCADE, related_name="notices", db_index=False)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failure = models.TextField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["start", "operator"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(failure__isnull=True),
                name="notice_sent_or_failed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at__isnull=True, failure__isnull=True),
                name="notice_waits",
            ),
        ]
