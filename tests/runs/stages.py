"""The stages of a run at which something may happen, wrapped from outside: Fadeout knows nothing of it.

``disturb`` lets a disturbance happen at a given call of a given step; then the step goes on and meets
what the disturbance left behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fadeout.erasure import operations as erasure
from fadeout.keys.tokens import ErasedTokens
from fadeout.runs import audits, chunks, housekeeping, lanes

STEPS: dict[str, tuple[Any, str]] = {
    "before the locks": (chunks, "_lock"),
    "before the decision": (chunks, "_decide_again"),
    "before the tokens": (ErasedTokens, "write"),
    "before the stroke": (erasure, "strike"),
    "after the stroke": (chunks, "_mark_struck"),
    "before the commit": (chunks, "write_account"),
    "after the commit": (ErasedTokens, "confirm"),
    "in the ticket part": (erasure, "clear_expired"),
    "before the audits": (audits, "audit"),
}
AFTER_THE_RUN: dict[str, tuple[Any, str]] = {
    "in the vacuum after the run": (housekeeping, "_execute"),
}


def disturb(step: str, at_call: int, disturbance: Callable[[], None]) -> None:
    """Let a disturbance happen at this call of this step, in whatever thread makes it."""
    owner, name = (STEPS | AFTER_THE_RUN)[step]
    setattr(owner, name, _disturbed(getattr(owner, name), at_call, disturbance))


def in_small_chunks(rows: int) -> None:
    """Let a small house be struck in several chunks."""
    lanes.FIRST_CHUNK = lanes.LARGEST_CHUNK = rows


def _disturbed(
    step: Callable[..., Any], at_call: int, disturbance: Callable[[], None]
) -> Callable[..., Any]:
    calls, counting = 0, threading.Lock()

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        with counting:
            calls += 1
            is_it = calls == at_call
        if is_it:
            disturbance()
        return step(*arguments, **named)

    return wrapped
