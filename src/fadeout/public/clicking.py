"""Somebody opens a tracked link: what they send, what is written down, where they go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from fadeout.core import paths
from fadeout.links import clicks
from fadeout.links.clicks import Clicked, Opened, State
from fadeout.links.human import Asked
from fadeout.links.tokens import LinkKeys
from fadeout.public import moving, together

#: What browsers and programs say of what they fetch something for.
PURPOSES = ("HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_SEC_PURPOSE", "HTTP_X_MOZ")
MOST_LETTERS = 500
#: Nothing of the way is kept, and the page that it leads to does not learn by which link.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def click(text: str, environ: Mapping[str, Any], *, now: datetime) -> Clicked:
    """Write down that somebody opened ``/r/<text>``; on disk on return.

    Raises:
        psycopg.OperationalError: the database does not answer.
    """
    asked = _asked(environ)
    if clicks.is_code(text):
        return together.written(Opened(asked, now, code=text.lower()))
    handle = _keys().handle(text)
    if handle is None:
        return Clicked(State.UNKNOWN)
    clicked = together.written(Opened(asked, now, handle=handle))
    if clicked.contact is not None:
        moving.note(clicked.contact)
    return clicked


def _asked(environ: Mapping[str, Any]) -> Asked:
    return Asked(
        method=environ["REQUEST_METHOD"],
        user_agent=environ.get("HTTP_USER_AGENT", "")[:MOST_LETTERS],
        purposes=" ".join(environ.get(name, "") for name in PURPOSES),
        mode=environ.get("HTTP_SEC_FETCH_MODE", ""),
    )


def end() -> None:
    """Write what waits; whoever clicks next finds database and keys as they are set up then."""
    together.end()
    _keys.cache_clear()


@lru_cache(maxsize=1)
def _keys() -> LinkKeys:
    return LinkKeys(paths.keys())
