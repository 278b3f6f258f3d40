"""What is a click of a human, and what is not: pure, over what a request and earlier requests tell.

Each rule stands in one sentence in docs/explanation/clicks.md. What is not human is kept apart and moves
nothing; where it is in doubt, it is not human: whoever is kept counts as active, and that must be true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from fadeout.links import scanners

#: Nobody opens a mail and clicks sooner after it was handed over.
AFTER_DELIVERY = timedelta(seconds=5)
#: Nobody follows another link of the same mail sooner.
BETWEEN_LINKS = timedelta(seconds=3)
#: How far back requests are looked at; a program that goes through a mail slower than that has begun anew.
LOOKS_BACK = timedelta(seconds=60)
FETCHED_AHEAD = ("prefetch", "prerender", "preview", "instant")


class Sign(StrEnum):
    """What tells a program."""

    HEAD = "head"
    FETCHED_AHEAD = "fetched_ahead"
    NOT_A_PAGE = "not_a_page"
    NOBODY = "nobody"
    SCANNER = "scanner"
    TOO_SOON = "too_soon"
    BURST = "burst"


@dataclass(frozen=True)
class Asked:
    """A request, as far as it matters.

    ``purposes`` is what Purpose, X-Purpose, Sec-Purpose and X-Moz say, together; ``mode`` what
    Sec-Fetch-Mode says.
    """

    method: str
    user_agent: str
    purposes: str = ""
    mode: str = ""


@dataclass(frozen=True)
class Earlier:
    """A click of the same contact on a link of the same mailing. ``key`` is that of its row."""

    key: int
    link: int
    at: datetime
    automated: bool


@dataclass(frozen=True)
class Verdict:
    """What tells a program, if anything does; and which earlier clicks turn out to be a program's, too."""

    sign: Sign | None
    turned: tuple[Earlier, ...] = ()

    @property
    def is_human(self) -> bool:
        return self.sign is None


def sign_of_program(asked: Asked) -> Sign | None:
    """What tells of a request alone that no human made it."""
    if asked.method != "GET":
        return Sign.HEAD
    purposes = asked.purposes.lower()
    if any(word in purposes for word in FETCHED_AHEAD):
        return Sign.FETCHED_AHEAD
    if asked.mode not in ("", "navigate"):
        return Sign.NOT_A_PAGE
    if not asked.user_agent.strip():
        return Sign.NOBODY
    return Sign.SCANNER if _is_scanner(asked.user_agent) else None


def judge(
    asked: Asked,
    *,
    link: int,
    at: datetime,
    delivered_at: datetime | None = None,
    earlier: Sequence[Earlier] = (),
) -> Verdict:
    """Whether a human clicked.

    Args:
        asked: the request.
        link: which link.
        at: when.
        delivered_at: when the mail was handed over, as far as it is known.
        earlier: what the same contact clicked of the same mailing within :data:`LOOKS_BACK`.
    """
    burst = _burst(link, at, earlier)
    turned = tuple(click for click in burst if not click.automated)
    sign = sign_of_program(asked)
    if sign is None and is_too_soon(at, delivered_at):
        sign = Sign.TOO_SOON
    if sign is None and burst:
        sign = Sign.BURST
    return Verdict(sign, turned)


def is_too_soon(at: datetime, delivered_at: datetime | None) -> bool:
    """Whether a mail could not have been read yet, also since it was still being handed over."""
    return delivered_at is not None and at < delivered_at + AFTER_DELIVERY


def _burst(link: int, at: datetime, earlier: Sequence[Earlier]) -> list[Earlier]:
    """The requests that this one follows on step by step, if they are for several links."""
    steps = list(_steps(at, earlier))
    return steps if {click.link for click in steps} - {link} else []


def _steps(at: datetime, earlier: Sequence[Earlier]) -> Iterator[Earlier]:
    for click in sorted(earlier, key=lambda click: (click.at, click.key), reverse=True):
        if abs(at - click.at) > BETWEEN_LINKS:
            return
        at = min(at, click.at)
        yield click


@lru_cache(maxsize=4_096)
def _is_scanner(user_agent: str) -> bool:
    return scanners.is_known(user_agent)
