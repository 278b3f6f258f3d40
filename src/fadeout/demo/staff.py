"""The people who work in the invented house: one for each role, with a password that is new each time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fadeout.accounts import operations
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.institution.models import Operator

NAMES = {
    Role.OPERATOR: "Olga Tarn",
    Role.MARKETER: "Marek Finn",
    Role.DPO: "Dora Quill",
    Role.ADMINISTRATOR: "Anna Stone",
    Role.SUPPORT: "Silas Byrne",
}
#: Letters and digits that nobody takes for one another.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Login:
    """With what somebody signs in; the password is nowhere else."""

    role: str
    email: str
    password: str


def let_in(*, by: Operator, now: datetime) -> Iterator[Login]:
    """Everybody can sign in from now on, with a new password; one who was let go comes back."""
    for role, name in NAMES.items():
        email, password = f"{role}@example.org", _password()
        user = User.objects.filter(email=email).first()
        if user is None:
            user = operations.add(
                name=name, email=email, role=role, password=password, by=by, now=now
            )
        else:
            operations.give_password(user=user, password=password)
        yield Login(user.role, email, password)


def _password() -> str:
    """Sixteen signs by chance, in groups that one can read out."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))
