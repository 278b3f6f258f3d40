"""Whether this worker is going down; whatever works looks here between two steps."""

from __future__ import annotations

import threading

from fadeout.runs.control import Control

asked = threading.Event()


class Attentive(Control):
    """Pauses a run when the worker goes down, and when somebody asks for it."""

    def wish(self) -> str | None:
        self.interrupted = asked.is_set()
        return super().wish()
