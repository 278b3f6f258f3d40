"""Who works at the console, in which house, at which instant, with which keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fadeout.core import clock
from fadeout.institution import queries
from fadeout.institution.models import Operator
from fadeout.vault.context import Context

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_htmx.middleware import HtmxDetails

    from fadeout.accounts.models import User


@dataclass(frozen=True)
class Desk(Context):
    """What a view works with; ``now`` is the instant of the request."""

    user: User

    @property
    def operator(self) -> Operator:
        """As whom plans, runs and the ledger know the user."""
        return self.user.operator

    @property
    def has_vault(self) -> bool:
        """Whether there is somebody to seal for."""
        return self.keyring().recipient() is not None


if TYPE_CHECKING:

    class Request(HttpRequest):
        """A request of somebody who is signed in."""

        desk: Desk
        user: User
        htmx: HtmxDetails


def opened(user: User) -> Desk:
    """The desk of a user, at this instant."""
    return Desk(house=queries.current(), user=user, now=clock.now())
