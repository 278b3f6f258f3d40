"""Whether database and worker live: codes and seconds alone, for whoever watches from outside."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import Error

from fadeout.core import sql
from fadeout.worker import stalled


@dataclass(frozen=True)
class Health:
    """``silent_seconds``: since the last sign of life of any worker; None if there is none."""

    database: bool
    worker: bool
    silent_seconds: float | None = None
    oldest_waiting_seconds: float | None = None

    @property
    def is_well(self) -> bool:
        """Whether pages can be served; a worker that is down shows, but takes no page away."""
        return self.database

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def look() -> Health:
    """How it is at this moment. Never raises what the database says."""
    try:
        silent, oldest = sql.rows(sql.load("worker", "signs_of_life"))[0]
    except Error:
        return Health(database=False, worker=False)
    lives = silent is not None and silent < stalled.SILENT_SECONDS
    return Health(database=True, worker=lives, silent_seconds=silent, oldest_waiting_seconds=oldest)
