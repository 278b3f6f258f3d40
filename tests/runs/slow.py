"""The real command, made slow: a chunk is one contact and takes a while. Not a test.

``python -m tests.runs.slow run PLAN --yes N``: the chunk is wrapped from outside.
"""

from __future__ import annotations

import time
from typing import Any

from fadeout.cli import main
from fadeout.runs import chunks, lanes

#: Sixty contacts in two lanes then take a minute: on a slow machine too, other commands have the time
#: to start.
SECONDS = 2.0


def made_slow(step: Any) -> Any:
    def wrapped(*arguments: Any, **named: Any) -> Any:
        time.sleep(SECONDS)
        return step(*arguments, **named)

    return wrapped


if __name__ == "__main__":
    lanes.FIRST_CHUNK = lanes.LARGEST_CHUNK = 1
    chunks.strike = made_slow(chunks.strike)
    main.main()
