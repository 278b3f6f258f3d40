"""Writes down that somebody clicked, and says where they go.

What could go wrong, and what prevents it:

- Somebody who clicked is struck all the same: the click locks its contact, so either a run sees it, or the
  contact is gone and nobody is counted.
- Two links of a mail are asked for at once, and neither knows of the other: the clicks of a contact come one
  after the other.
- Every click waits for the row of its link: no row is shared; what is counted is added up later
  (:func:`fadeout.links.operations.fold`).
- An answer leaves before its click is on disk: what is recorded here is committed on return.
- Somebody is sent to an address that the token brings: it brings none; the one that was saved is taken.

These two run on a connection of psycopg, in autocommit mode, with statements that are prepared once: a
thousand clicks and more come in a second.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg

from fadeout.core import sql
from fadeout.links import human, tally
from fadeout.links.human import Asked, Earlier, Verdict

ROOM = "links"
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 8


class State(StrEnum):
    """What became of a token, or of the code that everybody has."""

    COUNTED = "counted"
    #: Leads on, but nothing is written down.
    EXPIRED = "expired"
    #: Leads nowhere any more.
    ENDED = "ended"
    #: Never led anywhere.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Clicked:
    """Where somebody goes who clicked, if anywhere.

    ``contact`` is whose recency may have moved, forward or back: a human clicked, or a click turned out to be
    a program's.
    """

    state: State
    destination: str | None = None
    contact: int | None = None


def by_contact(
    connection: psycopg.Connection[Any], handle: int, asked: Asked, *, now: datetime
) -> Clicked:
    """A click on a contact's own link, by the number that its token stands for."""
    with connection.pipeline(), connection.transaction():
        found = connection.execute(_load("find_issued"), {"handle": handle}, prepare=True)
        since = now - human.LOOKS_BACK
        before = connection.execute(
            _load("list_earlier"), {"handle": handle, "since": since}, prepare=True
        )
        row = found.fetchone()
        if row is None:
            return Clicked(State.ENDED)
        contact, issued_for, expires_at, revoked_at, delivered_at, *link = row
        key, name, destination, retired_at = link
        if revoked_at is not None or retired_at is not None:
            return Clicked(State.ENDED)
        if expires_at is not None and now >= expires_at:
            return Clicked(State.EXPIRED, destination)
        known = [Earlier(*click) for click in before.fetchall()]
        verdict = human.judge(
            asked, link=key, at=now, delivered_at=delivered_at,
            earlier=[click for click in known if click.at >= since],
        )  # fmt: skip
        whose = {"contact": contact, "issued_for": issued_for, "link": key, "name": name}
        written = whose | _told(verdict, key, now, known) | {"now": now}
        connection.execute(_load("write_click"), written, prepare=True)
        moves = verdict.is_human or bool(verdict.turned)
        return Clicked(State.COUNTED, destination, contact if moves else None)


def by_anybody(
    connection: psycopg.Connection[Any], code: str, asked: Asked, *, now: datetime
) -> Clicked:
    """A click on the address that everybody has: counted, and nothing else is known of it."""
    is_human = human.sign_of_program(asked) is None
    counted = {"human": int(is_human), "automated": int(not is_human)}
    row = connection.execute(
        _load("write_click_of_anybody"), {"code": code, "now": now, **counted}, prepare=True
    ).fetchone()
    if row is not None:
        return Clicked(State.COUNTED, row[0])
    was_there = connection.execute(
        "SELECT 1 FROM links_tracked_link WHERE code = %(code)s", {"code": code}
    ).fetchone()
    return Clicked(State.ENDED if was_there else State.UNKNOWN)


def is_code(text: str) -> bool:
    """Whether something has the form of the code that everybody has; capital letters are as good."""
    return len(text) == CODE_LENGTH and all(letter in ALPHABET for letter in text.lower())


def _told(verdict: Verdict, link: int, now: datetime, known: Sequence[Earlier]) -> dict[str, Any]:
    """The click itself, and what it and those that it turns add to the tally."""
    this = Earlier(0, link, now, not verdict.is_human)
    stays = [click for click in known if click not in verdict.turned]
    return {
        "click_number": f"fadeout-{uuid.uuid4()}",
        "automated": this.automated,
        "turned": [click.key for click in verdict.turned],
        **tally.changes(known, [*stays, this], turned=verdict.turned),
    }


def _load(name: str) -> str:
    return sql.load(ROOM, name)
