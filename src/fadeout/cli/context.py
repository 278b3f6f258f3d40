"""What most commands need: the open database, its house, this instant."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from fadeout.core import clock, database, paths
from fadeout.core.catalogue import checks
from fadeout.institution import operations, queries
from fadeout.institution.models import Institution, Operator
from fadeout.keys.tokens import ErasedTokens
from fadeout.vault.keyring import Keyring


@dataclass(frozen=True)
class Context:
    """The house that a command works on, and when."""

    house: Institution
    now: datetime

    @property
    def today(self) -> date:
        """Today in the house's time zone."""
        return clock.local_day(self.now, self.house.time_zone)

    def operator(self, name: str | None) -> Operator:
        """Whoever gives the command: by name, or as this machine knows them."""
        return operations.operator(name=_user_name() if name is None else name, now=self.now)

    def keyring(self) -> Keyring:
        """The vault's keys, in the key folder of this house."""
        self.tokens()  # refuses another house's
        return Keyring(paths.keys())

    def tokens(self) -> ErasedTokens:
        """The tokens of what was erased in this house."""
        return operations.erased_tokens(self.house, paths.keys())


@contextmanager
def opened_house() -> Iterator[Context]:
    """Open the database and find its house.

    Raises:
        BadInput: there is no house yet.
    """
    checks.require()
    with database.opened():
        yield Context(house=queries.current(), now=clock.now())


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
