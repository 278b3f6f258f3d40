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
    """The rules as the house set them, version by version; a plan keeps the one it was made under."""

    number = models.PositiveIntegerField(primary_key=True)
    months = models.PositiveSmallIntegerField(default=36)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1), name="policy_months_at_least_one"),
        ]
