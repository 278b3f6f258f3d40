"""Plans: what a simulation found, a list named or a restore brought back; kept until it is run."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact
from fadeout.institution.models import Operator, PolicyVersion
from fadeout.policy.outcomes import Activity, Outcome, PlanKind

PLAN_FORMAT = 1


class Plan(models.Model):
    """One plan: what it is for, its day, its period, its totals and the fingerprint of its rows."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(
        choices=[(kind.value, kind.value) for kind in PlanKind],
        default=PlanKind.INACTIVITY.value,
        db_default=PlanKind.INACTIVITY.value,
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Operator, models.PROTECT, related_name="plans", db_index=False)
    as_of = models.DateField()
    months = models.PositiveSmallIntegerField()
    cutoff = models.DateField()
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, db_index=False)
    plan_format = models.PositiveSmallIntegerField()
    catalogue_version = models.PositiveSmallIntegerField()
    catalogue_digest = models.TextField()
    totals = models.JSONField()
    fingerprint = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in PlanKind]), name="plan_kind"
            ),
        ]


class Approval(models.Model):
    """Somebody looked at a plan and answers for it: for exactly these rows."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="approvals", db_index=False)
    approved_by = models.ForeignKey(Operator, models.PROTECT, db_index=False)
    approved_at = models.DateTimeField()
    fingerprint = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "approved_by"], name="approval_once"),
        ]


class RowState(models.TextChoices):
    """Where a row of a plan stands. ``struck`` and ``requalified`` are never merged."""

    KEPT = "kept"
    PENDING = "pending"
    STRUCK = "struck"
    REQUALIFIED = "requalified"


class PlanRow(models.Model):
    """One contact in a plan. Once struck, a row keeps outcome and state only."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="rows", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="plan_rows")
    outcome = models.TextField()
    recency_on = models.DateField(null=True)
    activity = models.TextField(null=True)
    reasons = models.TextField(null=True)
    state = models.TextField(choices=RowState)
    kept_because = models.TextField(null=True)

    class Meta:
        db_table = "plans_plan_row"
        indexes = [
            models.Index(
                fields=["plan", "id"], condition=Q(state="pending"), name="plan_row_pending"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=list(Outcome)), name="plan_row_outcome"),
            models.CheckConstraint(
                condition=Q(activity__isnull=True) | Q(activity__in=list(Activity)),
                name="plan_row_activity",
            ),
            models.CheckConstraint(
                condition=Q(outcome="keep", state="kept")
                | (~Q(outcome="keep") & Q(state__in=["pending", "struck", "requalified"])),
                name="plan_row_state_fits_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="struck")
                | Q(
                    contact__isnull=True,
                    recency_on__isnull=True,
                    activity__isnull=True,
                    reasons__isnull=True,
                ),
                name="plan_row_struck_is_empty",
            ),
        ]


class Outlook(models.Model):
    """What is due and when, as it was counted last; one row (:mod:`fadeout.plans.outlook`).

    ``changes`` numbers what was imported and struck; ``counted_changes`` is where it stood when it was
    counted.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    changes = models.BigIntegerField(default=0)
    counted_changes = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)
    as_of = models.DateField(null=True)
    months = models.PositiveSmallIntegerField(null=True)
    figures = models.JSONField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="outlook_is_one")]
