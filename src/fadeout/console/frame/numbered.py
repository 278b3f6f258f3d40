"""Plans and runs have numbers: one that is asked for, or a page of them, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from django.db.models import Model
from django.http import Http404

from fadeout.core.errors import BadInput

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

PAGE = 25
Numbered = TypeVar("Numbered", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Numbered]):
    """Some of them, for ``frame/older.html``; ``further`` is the number that the next page goes on below."""

    rows: list[Numbered]
    is_first: bool
    further: int | None


def found(by_number: Callable[[int], Numbered], number: int) -> Numbered:
    """The one of this number.

    Raises:
        Http404: there is none.
    """
    try:
        return by_number(number)
    except BadInput:
        raise Http404 from None


def page(request: Request, listed: Callable[..., list[Numbered]]) -> Page[Numbered]:
    """The page that the address asks for; one that somebody spoilt begins at the beginning."""
    given = request.GET.get("below", "")
    below = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    rows = listed(below=below, limit=PAGE + 1)
    further = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return Page(rows[:PAGE], is_first=below is None, further=further)
