"""Who works at the console, in which house, at which instant, with which keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from fadeout.core import clock, paths
from fadeout.institution import operations, queries
from fadeout.institution.models import Institution, Operator
from fadeout.keys.tokens import ErasedTokens
from fadeout.vault.keyring import Keyring

if TYPE_CHECKING:
    from django.http import HttpRequest

    from fadeout.accounts.models import User


@dataclass(frozen=True)
class Desk:
    """What a view works with; ``now`` is the instant of the request."""

    house: Institution
    user: User
    now: datetime

    @property
    def operator(self) -> Operator:
        """As whom plans, runs and the ledger know the user."""
        return self.user.operator

    @property
    def today(self) -> date:
        """Today in the house's time zone."""
        return clock.local_day(self.now, self.house.time_zone)

    def keyring(self) -> Keyring:
        """The vault's keys, in the key folder of this house."""
        self.tokens()  # refuses another house's
        return Keyring(paths.keys())

    def tokens(self) -> ErasedTokens:
        """The tokens of what was erased in this house."""
        return operations.erased_tokens(self.house, paths.keys())


if TYPE_CHECKING:

    class Request(HttpRequest):
        """A request of somebody who is signed in."""

        desk: Desk
        user: User


def opened(user: User) -> Desk:
    """The desk of a user, at this instant."""
    return Desk(house=queries.current(), user=user, now=clock.now())
