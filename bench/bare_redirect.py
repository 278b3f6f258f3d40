"""The least that a web server can answer to a click: it sends everybody on, and writes nothing down."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fadeout.console import server

HEADERS = [("Location", "https://www.example.org/"), ("Content-Length", "0")]


def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Send on."""
    start("302 Found", HEADERS)
    return (b"",)


if __name__ == "__main__":
    port, processes = map(int, sys.argv[1:])
    server.serve(
        url="", keys=Path(), host="127.0.0.1", port=port, processes=processes,
        target="bench.bare_redirect:application",
    )  # fmt: skip
