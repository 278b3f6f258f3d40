"""Reads of those who sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings

from fadeout.accounts.models import User
from fadeout.core.errors import BadInput

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from fadeout.accounts.permissions import Permission
    from fadeout.institution.models import Operator


SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


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


def by_public_id(public_id: UUID) -> User:
    """The user behind the operator of this id.

    Raises:
        BadInput: there is none, or not any more.
    """
    found = users().filter(operator__public_id=public_id).first()
    if found is None:
        raise BadInput("No such operator signs in.", way_out="They may have left meanwhile.")
    return found


def has_second_factor(user: User) -> bool:
    """Whether signing in asks for more than the password."""
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def with_second_factor() -> set[int]:
    """The keys of the users whose signing in asks for more than the password."""
    found = Authenticator.objects.filter(type__in=SECOND_FACTORS)
    return set(found.values_list("user", flat=True))
