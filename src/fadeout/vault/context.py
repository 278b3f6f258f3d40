"""What working on a house takes, at a terminal, in the console or in the worker: house, instant, keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fadeout.core import clock, paths
from fadeout.institution import operations
from fadeout.institution.models import Institution
from fadeout.keys.tokens import ErasedTokens
from fadeout.vault.keyring import Keyring


@dataclass(frozen=True)
class Context:
    """The house that is worked on, and when."""

    house: Institution
    now: datetime

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
