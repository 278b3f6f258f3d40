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
    DONE = "done"
    INCOMPLETE = "incomplete"


class Run(models.Model):
    """One application of one plan, over as many starts as it takes."""

    id = models.BigAutoField(primary_key=True)
    plan = models.OneToOneField(Plan, models.PROTECT)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Operator, models.PROTECT, db_index=False)
    ended_at = models.DateTimeField(null=True)
    state = models.TextField(choices=RunState)
    struck_digest = models.JSONField()
    figures_before = models.JSONField()
    removed = models.JSONField(default=dict)
    audits = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state"),
        ]


class Chunk(models.Model):
    """One committed transaction of a run; its id also labels the tokens written for it."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="chunks")
    committed_at = models.DateTimeField(db_default=Now())
    seconds = models.FloatField()
    rows = models.PositiveIntegerField()
    requalified = models.PositiveIntegerField()
