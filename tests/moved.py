"""``fadeout``, with a clock that a file moves on. Not a test.

``python -m tests.moved COMMAND …``: the file that ``FADEOUT_MOVED_BY`` names holds the seconds by which the
clock is ahead. Whatever is wrapped is wrapped from outside; a server's processes begin here, too.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from fadeout.core import clock

VARIABLE = "FADEOUT_MOVED_BY"
_now = clock.now


def now() -> datetime:
    """This instant, and the seconds in the file."""
    return _now() + timedelta(seconds=float(Path(os.environ[VARIABLE]).read_text()))


if __name__ in ("__main__", "__mp_main__"):  # of the command, or of a process of its server
    clock.now = now

if __name__ == "__main__":
    from fadeout.cli import main

    sys.argv[0] = "fadeout"
    main.main()
