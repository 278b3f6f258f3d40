"""Settings as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from fadeout.accounts import queries as accounts
from fadeout.accounts.models import User
from fadeout.accounts.permissions import ROLE_NAMES, Role
from fadeout.batches import queries as batches
from fadeout.batches.models import Batch, Mode
from fadeout.certificates.page import policy_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Rule:
    """One line of the policy, as it is and as it would be."""

    name: str
    said: str
    then: str = ""


def policy(values: Mapping[str, int]) -> list[Rule]:
    """A version of the policy in words."""
    return [Rule(name, said) for name, said in policy_in_words(values)[1:]]


def differences(values: Mapping[str, int], changes: Mapping[str, int]) -> list[Rule]:
    """What would be another than it is, in words."""
    both = zip(policy(values), policy({**values, **changes}), strict=True)
    return [Rule(now.name, now.said, then.said) for now, then in both if now != then]


def users() -> list[dict[str, Any]]:
    """All who sign in."""
    with_second_factor = accounts.with_second_factor()
    return [_user(user, user.pk in with_second_factor) for user in accounts.users()]


def user(found: User) -> dict[str, Any]:
    """One who signs in."""
    return _user(found, accounts.has_second_factor(found))


def real_batches_of(found: User) -> list[Batch]:
    """The batches that run for real in somebody's name: once they have left, nothing is run."""
    return [
        batch
        for batch in batches.all_batches()
        if batch.mode == Mode.REAL and batch.switched_by_id == found.operator_id
    ]


def _user(found: User, has_second_factor: bool) -> dict[str, Any]:
    return {
        "user_shown": found,
        "id": found.operator.public_id,
        "name": found.get_full_name(),
        "role": ROLE_NAMES[Role(found.role)],
        "speaks": dict(settings.LANGUAGES).get(found.language or ""),
        "has_second_factor": has_second_factor,
        "was_invited": not found.has_usable_password() and found.last_login is None,
    }
