"""One database holds one institution: the data controller, its policy and its operators."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q


class Institution(models.Model):
    """The house. There is one row, and only one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField()
    time_zone = models.TextField()
    currency = models.CharField(max_length=3)
    key_id = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="institution_is_one"),
            models.CheckConstraint(condition=~Q(name=""), name="institution_name_given"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="institution_currency_iso_4217"
            ),
        ]


class Operator(models.Model):
    """Whoever simulated, approved or ran. Plans and runs name operators by id alone."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="operator_name_once")]


class PolicyVersion(models.Model):
    """The rules as the house set them, version by version; a plan keeps the one it was made under.

    ``largest_share`` (per cent of all contacts) and ``largest_growth`` (times the last run) are what
    a run may strike at most; ``plan_days`` is how long a plan stays good, ``backup_months`` how long
    backups live: so long are the tokens of the erased kept.
    """

    number = models.PositiveIntegerField(primary_key=True)
    months = models.PositiveSmallIntegerField(default=36)
    largest_share = models.PositiveSmallIntegerField(default=20, db_default=20)
    largest_growth = models.PositiveSmallIntegerField(default=3, db_default=3)
    plan_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    two_people = models.BooleanField(default=False, db_default=False)
    backup_months = models.PositiveSmallIntegerField(default=12, db_default=12)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Operator, models.PROTECT, null=True, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1), name="policy_months_at_least_one"),
            models.CheckConstraint(
                condition=Q(largest_share__gte=1, largest_share__lte=100),
                name="policy_largest_share_per_cent",
            ),
            models.CheckConstraint(
                condition=Q(largest_growth__gte=1), name="policy_largest_growth_at_least_one"
            ),
            models.CheckConstraint(condition=Q(plan_days__gte=1), name="policy_plan_days"),
            models.CheckConstraint(condition=Q(backup_months__gte=1), name="policy_backup_months"),
        ]


class Brand(models.Model):
    """What public pages show of the house; there is one row at most."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField(default="")
    accent = models.CharField(max_length=7, default="")
    band = models.CharField(max_length=7, default="")
    privacy_url = models.TextField(default="")
    takes_subscriptions = models.BooleanField(default=False)
    logo = models.BinaryField(null=True)
    logo_width = models.PositiveIntegerField(null=True)
    logo_height = models.PositiveIntegerField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="brand_is_one"),
            models.CheckConstraint(
                condition=Q(accent__regex=r"^(#[0-9a-f]{6})?$", band__regex=r"^(#[0-9a-f]{6})?$"),
                name="brand_colours",
            ),
        ]
