"""The real worker, with slow chunks and little patience. Not a test.

``python -m tests.worker.quick SECONDS``: each chunk is one contact and takes so long; a worker that is
silent for three seconds counts as dead. Whatever is wrapped is wrapped from outside.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from fadeout.cli import main
from fadeout.runs import chunks, lanes
from fadeout.worker import service, stalled


def made_slow(step: Any, seconds: float) -> Any:
    def wrapped(*arguments: Any, **named: Any) -> Any:
        time.sleep(seconds)
        return step(*arguments, **named)

    return wrapped


if __name__ == "__main__":
    lanes.FIRST_CHUNK = lanes.LARGEST_CHUNK = 1
    chunks.strike = made_slow(chunks.strike, float(sys.argv[1]))
    service.HEARTBEAT_SECONDS, stalled.SILENT_SECONDS = 0.5, 3.0
    service.POLLING_SECONDS = 0.5
    sys.argv = ["fadeout", "worker"]
    main.main()
