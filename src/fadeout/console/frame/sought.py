"""What somebody last looked for on a page, kept in their session: it may name people, so no address has it.

A form of filters is sent by POST, kept here, and the page is shown anew by GET: reloading and the back button
do no harm. Sessions lie encrypted, and end when whoever looked signs out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

KEY = "sought"


def keep(request: Request, page: str, typed: Mapping[str, Any]) -> None:
    """Keep what was typed on this page, instead of what was there; values that JSON knows."""
    request.session[KEY] = request.session.get(KEY, {}) | {page: dict(typed)}


def kept(request: Request, page: str) -> dict[str, Any]:
    """What was typed on this page, or nothing."""
    return dict(request.session.get(KEY, {}).get(page, {}))


def forget(request: Request, page: str) -> None:
    """Forget what was typed on this page."""
    request.session[KEY] = {
        of: typed for of, typed in request.session.get(KEY, {}).items() if of != page
    }
