"""Runs: an approved plan being applied, chunk by chunk."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from fadeout.institution.models import Operator
from fadeout.plans.models import Plan


class RunState(models.TextChoices):
    """A run that stands at ``running`` while nobody works on it was interrupted."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"
    INCOMPLETE = "incomplete"


class Wish(models.TextChoices):
    """What somebody asks of a run while another command works on it."""

    PAUSE = "pause"
    CANCEL = "cancel"


class Run(models.Model):
    """One application of one plan, over as many starts as it takes."""

    id = models.BigAutoField(primary_key=True)
    plan = models.OneToOneField(Plan, models.PROTECT)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Operator, models.PROTECT, db_index=False)
    ended_at = models.DateTimeField(null=True)
    state = models.TextField(choices=RunState)
    wish = models.TextField(choices=Wish, null=True)
    has_recovery = models.BooleanField(default=False)
    figures_before = models.JSONField()
    audits = models.JSONField(null=True)
    earlier_audits = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state"),
            models.CheckConstraint(
                condition=Q(wish__isnull=True) | Q(wish__in=Wish.values), name="run_wish"
            ),
        ]


class Stage(models.TextChoices):
    """What the transactions of a run do, in this order."""

    STRIKE = "strike"
    TICKETS = "tickets"


class Chunk(models.Model):
    """One committed transaction of a run, and its account of it.

    Written once and by nobody else, so that chunks at the same time do not wait for one another.
    The id also labels the tokens written for it.
    """

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="chunks")
    stage = models.TextField(choices=Stage)
    committed_at = models.DateTimeField(db_default=Now())
    seconds = models.FloatField()
    rows = models.PositiveIntegerField()
    requalified = models.PositiveIntegerField()
    digest = models.JSONField()
    removed = models.JSONField()
    sealed = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="chunk_stage"),
        ]


class Override(models.Model):
    """An administrator lets a plan run although a brake holds it, and says why."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="overrides")
    overridden_by = models.ForeignKey(Operator, models.PROTECT, db_index=False)
    overridden_at = models.DateTimeField()
    brakes = models.JSONField()
    reason = models.TextField(null=True)


class Progress(models.Model):
    """What a run is at, and the last sign of life of whoever works on it; for people to look at alone."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="progress")
    stage = models.TextField()
    done = models.BigIntegerField()
    total = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "runs_progress"
