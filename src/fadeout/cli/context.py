"""What most commands need: the open database, its house, this instant."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from fadeout.core import clock, database
from fadeout.core.catalogue import checks
from fadeout.institution import operations, queries
from fadeout.institution.models import Operator
from fadeout.vault import context


class Context(context.Context):
    """The house that a command works on, and when."""

    def operator(self, name: str | None) -> Operator:
        """Whoever gives the command: by name, or as this machine knows them."""
        return operations.operator(name=_user_name() if name is None else name, now=self.now)


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
