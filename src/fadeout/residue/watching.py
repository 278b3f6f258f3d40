"""Who sees how far a search is, and may stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

STAGE = "searching for residue"

Shown = Callable[[str, int, int], None]


class Stopped(Exception):  # noqa: N818 - nothing failed
    """Somebody asked to stop; nothing was changed."""


class Watch(NamedTuple):
    """Who sees how far a search is, and may stop it."""

    is_asked_to_stop: Callable[[], bool] = lambda: False
    progress: Shown = lambda _stage, _done, _total: None

    def hear(self, done: int, total: int) -> None:
        """Show how far it is.

        Raises:
            Stopped: somebody asked to stop.
        """
        if self.is_asked_to_stop():
            raise Stopped
        self.progress(STAGE, done, max(done, total))
