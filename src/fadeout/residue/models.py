"""What a run found of struck contacts in texts about others. Where it stood, never what it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Done(models.TextChoices):
    """What became of a finding: taken out; left for a person to judge; left since somebody else has it."""

    REDACTED = "redacted"
    LISTED = "listed"
    SHARED = "shared"


class KindOfIdentifier(models.TextChoices):
    """What it was."""

    EMAIL = "email"
    PHONE = "phone"
    LOGIN = "login"
    NUMBER = "number"
    NAME = "name"


class Finding(models.Model):
    """Identifiers of one kind in one text. ``row`` is the key of its row, empty once it was judged.

    Runs stand above this room: ``run_number`` names one.
    """

    run_number = models.BigIntegerField()
    kind = models.TextField(choices=KindOfIdentifier)
    table_name = models.TextField(db_collation="C")
    column_name = models.TextField(db_collation="C")
    row = models.TextField(null=True)
    done = models.TextField(choices=Done)
    count = models.PositiveIntegerField()
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "residue_finding"
        indexes = [
            models.Index(fields=["run_number"], name="finding_run"),
            models.Index(
                fields=["run_number"],
                condition=Q(row__isnull=False) & ~Q(done="redacted"),
                name="finding_to_judge",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(done__in=Done.values), name="finding_done"),
            models.CheckConstraint(
                condition=Q(kind__in=KindOfIdentifier.values), name="finding_kind"
            ),
        ]
