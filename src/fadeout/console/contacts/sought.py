"""What somebody looked for, kept in their session under a mark that tells nothing: the address of a list
carries the mark, so that two tabs, a reload and the back button each show what they showed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from fadeout.console.frame import sought

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

PAGE = "contacts"
MOST = 12


def keep(request: Request, asked: dict[str, Any]) -> str:
    """Keep what was asked for as the latest; its mark. The same is kept once."""
    searches = _searches(request)
    mark = next((known for known, was in searches.items() if was == asked), None)
    mark = mark or secrets.token_urlsafe(6)
    searches.pop(mark, None)
    latest = dict(list({**searches, mark: asked}.items())[-MOST:])
    sought.keep(request, PAGE, {"searches": list(latest.items())})
    return mark


def kept(request: Request, mark: str) -> tuple[str, dict[str, Any]]:
    """What was asked for under this mark, or latest; and the mark that it really has."""
    searches = _searches(request)
    if mark not in searches:
        mark = next(reversed(searches), "")
    return mark, searches.get(mark, {})


def _searches(request: Request) -> dict[str, dict[str, Any]]:
    return dict(sought.kept(request, PAGE).get("searches", ()))
