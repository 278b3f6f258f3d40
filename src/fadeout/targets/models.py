"""Targets, and who is in those that are frozen."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from fadeout.contacts.models import Contact
from fadeout.institution.models import Operator


class Target(models.Model):
    """A question about contacts. ``conditions`` is a tree (:mod:`fadeout.targets.conditions`).

    Of one that is frozen, ``conditions`` tell what was asked on ``frozen_at``, :class:`Member` who is in.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField()
    conditions = models.JSONField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="target_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="target_name_given"),
        ]

    @property
    def is_static(self) -> bool:
        """Whether it was frozen when it was made."""
        return self.frozen_at is not None

    @property
    def stamp(self) -> str:
        """Another one after every change: whoever saw another saw another target."""
        return self.changed_at.isoformat()


class Member(models.Model):
    """A contact that was in a target when it was frozen; it goes with the contact."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="members", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "contact"], name="target_member_once")
        ]
