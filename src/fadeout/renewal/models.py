"""Renewals: what was asked for, and what was made of it, step by step."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from fadeout.campaigns.models import Campaign
from fadeout.institution.models import Operator
from fadeout.links.models import TrackedLink
from fadeout.plans.models import Plan
from fadeout.targets.models import Target


class Step(StrEnum):
    """What is made, in this order; each is the name of the column that holds it."""

    LINK = "link"
    PLAN = "plan"
    TARGET = "target"
    CAMPAIGN = "campaign"


class Renewal(models.Model):
    """A renewal. What it has not made yet is empty: so it is known where to go on.

    ``months`` is the period of its simulation; due are contacts who fall due ``within`` so many months by the
    policy. ``cutoff`` is the day before which their recency lay, ``due`` how many they were, when the target
    was frozen. ``later_plan`` is the simulation that was made last to compare with the first.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField()
    destination = models.TextField()
    months = models.PositiveSmallIntegerField()
    within = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    link = models.ForeignKey(TrackedLink, models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="+")
    target = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, related_name="+")
    later_plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="+")
    cutoff = models.DateField(null=True)
    due = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="renewal_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="renewal_name_given"),
            models.CheckConstraint(
                condition=Q(months__gte=1, within__gte=1), name="renewal_periods"
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(cutoff__isnull=False, due__isnull=False),
                name="renewal_target_is_counted",
            ),
        ]

    @property
    def next_step(self) -> Step | None:
        """What is made next; nothing once all is there."""
        return next((step for step in Step if getattr(self, f"{step}_id") is None), None)
