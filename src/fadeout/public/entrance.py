"""The short way of a click, past everything that pages need: no session, no sign-in, no template.

Whatever is not sent on goes to the pages, with what was found out already; so both say the same, and a page
is shown only where somebody has to read it. Nothing is logged here: the token is personal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import psycopg

from fadeout.core import clock
from fadeout.links.addresses import UNDER
from fadeout.public import clicking, onward

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
#: Under which the pages find what was found out.
FOUND = "fadeout.clicked"
_HEADERS = [*clicking.HEADERS.items(), ("Content-Length", "0")]


def around(pages: Application) -> Application:
    """The whole web server: clicks here, everything else by the pages."""

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if not _is_click(environ):
            return pages(environ, start)
        text = environ["PATH_INFO"][len(UNDER) :]
        try:
            clicked = clicking.click(text, environ, now=clock.now())
        except psycopg.Error as error:
            return pages({**environ, FOUND: error}, start)
        if clicked.destination is None:
            return pages({**environ, FOUND: clicked}, start)
        start("302 Found", [("Location", onward.address(clicked.destination, text)), *_HEADERS])
        return (b"",)

    return answer


def _is_click(environ: Mapping[str, Any]) -> bool:
    asked: str = environ["PATH_INFO"]
    return asked.startswith(UNDER) and environ["REQUEST_METHOD"] in ("GET", "HEAD")
