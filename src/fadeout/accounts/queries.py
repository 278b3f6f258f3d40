"""Reads of those who sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings

from fadeout.accounts.models import User
from fadeout.core.errors import BadInput

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fadeout.accounts.permissions import Permission
    from fadeout.institution.models import Operator


class Address(NamedTuple):
    """Where somebody is told something, and in which language."""

    email: str
    language: str


def address_of(operator: Operator) -> Address | None:
    """Where an operator is told something; nothing of one who cannot sign in, or left."""
    found = User.objects.filter(operator=operator, is_active=True).first()
    return Address(found.email, found.language or settings.LANGUAGE_CODE) if found else None


def may(operator: Operator, permission: Permission) -> bool:
    """Whether an operator can sign in and do this, at this moment."""
    found = User.objects.filter(operator=operator).first()
    return found is not None and found.may(permission)


def users() -> QuerySet[User]:
    """All who can sign in or could, with their operators, by name."""
    return User.objects.select_related("operator").order_by("operator__name", "pk")


def by_email(email: str) -> User:
    """The user with this address.

    Raises:
        BadInput: there is none.
    """
    found = users().filter(email__iexact=email.strip()).first()
    if found is None:
        raise BadInput(
            "No operator signs in with this address.", way_out="fadeout operator list shows all."
        )
    return found


def has_second_factor(user: User) -> bool:
    """Whether signing in asks for more than the password."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())
