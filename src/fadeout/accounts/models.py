"""Those who sign in, and what is kept for all server processes together."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from fadeout.accounts.permissions import Permission, Role, allows
from fadeout.institution.models import Operator

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


class Theme(models.TextChoices):
    """How pages look: as the device says, or always so."""

    DEVICE = "device"
    LIGHT = "light"
    DARK = "dark"


class User(AbstractBaseUser):
    """Somebody who signs in. Ledger, plans and runs know only the operator behind, by an opaque id."""

    email = models.TextField(unique=True)
    operator = models.OneToOneField(Operator, models.PROTECT, related_name="user")
    role = models.TextField(choices=[(role.value, role.value) for role in Role])
    language = models.TextField(choices=[(code, code) for code in LANGUAGES], null=True)
    theme = models.TextField(choices=Theme, default=Theme.DEVICE)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = BaseUserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(role__in=list(Role)), name="user_role"),
            models.CheckConstraint(condition=Q(theme__in=Theme.values), name="user_theme"),
            models.CheckConstraint(
                condition=Q(language__isnull=True) | Q(language__in=LANGUAGES), name="user_language"
            ),
        ]

    def may(self, permission: Permission) -> bool:
        """Whether this user may do this (see :mod:`fadeout.accounts.permissions`)."""
        return self.is_active and allows(self.role, permission)

    def __repr__(self) -> str:
        return f"<User {self.pk}>"

    def __str__(self) -> str:
        """As logs and errors may print it: without a name or an address."""
        return f"user {self.pk}"

    def get_full_name(self) -> str:
        """What the operator is called."""
        return self.operator.name or ""


class CacheEntry(models.Model):
    """What server processes count together, such as failed sign-ins; keys are digests."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_cache"
