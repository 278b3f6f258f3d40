"""Adds operators, changes what they may do, lets them go.

What could go wrong, and what prevents it:

- A house is left without anybody who can add operators: the last administrator stays one.
- Somebody who left goes on: the account is removed, so every session of theirs ends with it.
- An administrator gets in as somebody else by a new invitation: it is on record.
- Their name lives on in records: it is emptied everywhere, the ledger keeps an opaque id alone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from fadeout.accounts.models import LANGUAGES, User
from fadeout.accounts.permissions import Role
from fadeout.core.errors import BadInput
from fadeout.institution import operations as institution
from fadeout.institution.models import Institution, Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind


class Refusal(StrEnum):
    """Why something cannot be done with those who sign in."""

    EMAIL = "email"
    EMAIL_TAKEN = "email_taken"
    NAME_TAKEN = "name_taken"
    ROLE = "role"
    LANGUAGE = "language"
    PASSWORD = "password"  # noqa: S105 - which field it is
    LAST_ADMINISTRATOR = "last_administrator"
    CHANGED_MEANWHILE = "changed_meanwhile"
    LEFT = "left"


class AccountRefused(BadInput):
    """Something that cannot be done with those who sign in, by its code."""

    def __init__(self, code: Refusal, message: str, *, way_out: str = "") -> None:
        super().__init__(message, way_out=way_out)
        self.code = code


def add(  # noqa: PLR0913 - who somebody is
    *,
    name: str,
    email: str,
    role: str,
    language: str | None = None,
    password: str | None = None,
    by: Operator | None,
    now: datetime,
) -> User:
    """Somebody who can sign in from now on; without a password once they have chosen one.

    Raises:
        AccountRefused: the address is none or is taken, the name is taken, the role or language is
            unknown, the password is too weak.
        BadInput: there is no name.
    """
    _check(email, role, language)
    if User.objects.filter(operator__name=name.strip()).exists():
        raise AccountRefused(
            Refusal.NAME_TAKEN,
            _("An operator of this name signs in already."),
            way_out=_("Give another name."),
        )
    try:
        with transaction.atomic():
            operator = institution.operator(name=name, now=now)
            user = User(
                email=email.strip(), operator=operator, role=role, language=language, created_at=now
            )
            _set_password(user, password)
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            _record(user, by=by, now=now)
    except IntegrityError as error:
        raise AccountRefused(
            Refusal.EMAIL_TAKEN,
            _("Another operator signs in with this address."),
            way_out=_("Give another address."),
        ) from error
    return user


def change_role(
    *, user: User, role: str, by: Operator, now: datetime, seen: str | None = None
) -> None:
    """What somebody may do from now on, also on pages that they have open.

    Args:
        seen: the role that they had when it was decided; any if left out.

    Raises:
        AccountRefused: the role is unknown, or another than was seen; or nobody would be
            administrator any more.
    """
    _check_role(role)
    with transaction.atomic():
        _require_another_administrator(user, unless=role == Role.ADMINISTRATOR)
        if seen is not None and user.role != seen:
            raise AccountRefused(
                Refusal.CHANGED_MEANWHILE,
                _("Somebody changed the role meanwhile. Nothing was changed."),
                way_out=_("Look at it as it is now."),
            )
        user.role = role
        user.save(update_fields=["role"])
        _record(user, by=by, now=now)


def let_go(*, user: User, by: Operator, now: datetime) -> None:
    """Somebody leaves: account, second factors and name go; what they did stays without it.

    Raises:
        AccountRefused: nobody would be administrator any more.
        BadInput: they would let themselves go.
    """
    with transaction.atomic():
        _require_another_administrator(user, unless=False)
        operator = user.operator
        user.delete()
        ledger.empty_name(operator, by=by, now=now)


def invite(*, user: User, by: Operator, now: datetime) -> str:
    """A new path at which somebody chooses a password, on record: whoever has it gets in as them."""
    with transaction.atomic():
        _record(user, by=by, now=now, invited=True)
    return invitation_path(user)


def give_password(*, user: User, password: str) -> None:
    """Somebody signs in with this password from now on; whoever did with the old one is out.

    Raises:
        BadInput: it is too weak.
    """
    _set_password(user, password)
    user.save(update_fields=["password"])


def invitation_path(user: User) -> str:
    """The path at which somebody chooses a password: good for three days, and once."""
    names = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path: str = reverse("account_reset_password_from_key", kwargs=names)
    return path


def _check(email: str, role: str, language: str | None) -> None:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise AccountRefused(Refusal.EMAIL, _("This is not an e-mail address.")) from error
    _check_role(role)
    if language is not None and language not in LANGUAGES:
        one_of = _("The language is one of %(languages)s.") % {"languages": ", ".join(LANGUAGES)}
        raise AccountRefused(Refusal.LANGUAGE, one_of)


def _check_role(role: str) -> None:
    if role not in list(Role):
        one_of = _("The role is one of %(roles)s.") % {"roles": ", ".join(Role)}
        raise AccountRefused(Refusal.ROLE, one_of)


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountRefused(Refusal.PASSWORD, " ".join(error.messages)) from error
    user.set_password(password)


def _require_another_administrator(user: User, *, unless: bool) -> None:
    """One at a time, so that two administrators do not let each other go."""
    Institution.objects.select_for_update().get()
    try:
        user.refresh_from_db()
    except User.DoesNotExist as error:
        raise AccountRefused(Refusal.LEFT, _("This operator has left meanwhile.")) from error
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if user.role == Role.ADMINISTRATOR and not unless and not others.exists():
        raise AccountRefused(
            Refusal.LAST_ADMINISTRATOR,
            _("Nobody else is administrator. Nothing was changed."),
            way_out=_("Make somebody else administrator first."),
        )


def _record(user: User, *, by: Operator | None, now: datetime, **more: bool) -> None:
    facts = {"operator": user.operator.public_id, "role": user.role, **more}
    ledger.record(Kind.OPERATOR, by=by, now=now, facts=facts)
