"""Writes down who clicked, several at once, and says where each goes.

What could go wrong, and what prevents it:

- Somebody who clicked is struck all the same: clicks lock their contacts, so either a run sees them, or the
  contact is gone and nobody is counted.
- Two links of a mail are asked for at once, and neither knows of the other: the clicks of a contact come one
  after the other.
- Everybody waits for one contact that somebody else works on: it is passed by, and asked for again alone.
- Every click waits for the row of its link: no row is shared; what is counted is added up later
  (:func:`fadeout.links.operations.fold`).
- An answer leaves before its click is on disk: what is recorded here is committed on return.
- Somebody is sent to an address that the token brings: it brings none; the one that was saved is taken.

All runs on a connection of psycopg, in autocommit mode, with statements that are prepared once: a thousand
clicks and more come in a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg

from fadeout.core import sql
from fadeout.links import human, tally
from fadeout.links.human import Asked, Earlier
from fadeout.links.tally import Tally

ROOM = "links"
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 8
PASSING_BY = "SKIP LOCKED"


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
class Opened:
    """A link that somebody opened: a contact's own, by what its token stands for, or everybody's."""

    asked: Asked
    at: datetime
    handle: int | None = None
    code: str = ""


@dataclass(frozen=True)
class Clicked:
    """Where somebody goes who clicked, if anywhere.

    ``contact`` is whose recency may have moved, forward or back: a human clicked, or a click turned out to be
    a program's.
    """

    state: State
    destination: str | None = None
    contact: int | None = None


ENDED = Clicked(State.ENDED)


@dataclass
class _Book:
    """What is found and what is to be written of several clicks."""

    issued: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    known: dict[tuple[int, UUID], list[Earlier]] = field(default_factory=lambda: defaultdict(list))
    codes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    new: dict[Earlier, tuple[int, UUID]] = field(default_factory=dict)
    turned: list[int] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def write(
    connection: psycopg.Connection[Any], opened: Sequence[Opened], *, waits: bool
) -> list[Clicked | None]:
    """Write down these clicks, in this order; all are on disk on return.

    Args:
        connection: in autocommit mode.
        opened: what was opened; those of one contact in the order of time.
        waits: whether contacts whom somebody else works on are waited for. If not, there is nothing in
            their place, and nothing in that of contacts who are gone: ask again for each alone.
    """
    with connection.pipeline(), connection.transaction():
        book = _found(connection, opened, passing_by=not waits)
        clicked = [_one(book, each) for each in opened]
        if book.new or book.tally:
            connection.execute(_load("write_clicks"), _columns(book), prepare=True)
    return [each or ENDED for each in clicked] if waits else clicked


def is_code(text: str) -> bool:
    """Whether something has the form of the code that everybody has; capital letters are as good."""
    return len(text) == CODE_LENGTH and all(letter in ALPHABET for letter in text.lower())


def _found(
    connection: psycopg.Connection[Any], opened: Sequence[Opened], *, passing_by: bool
) -> _Book:
    book = _Book()
    handles = [each.handle for each in opened if each.handle is not None]
    codes = [each.code for each in opened if each.code]
    if handles:
        find = _load("find_issued").format(passing_by=PASSING_BY if passing_by else "")
        since = min(each.at for each in opened) - human.LOOKS_BACK
        issued = connection.execute(find, {"handles": handles}, prepare=True)
        told = {"handles": handles, "since": since}
        earlier = connection.execute(_load("list_earlier"), told, prepare=True)
        book.issued = {handle: tuple(row) for handle, *row in issued.fetchall()}
        for contact, issued_for, *click in earlier.fetchall():
            book.known[contact, issued_for].append(Earlier(*click))
    if codes:
        found = connection.execute(_load("find_codes"), {"codes": codes}, prepare=True)
        book.codes = {code: tuple(row) for code, *row in found.fetchall()}
    return book


def _one(book: _Book, opened: Opened) -> Clicked | None:
    return _of_everybody(book, opened) if opened.handle is None else _of_contact(book, opened)


def _of_everybody(book: _Book, opened: Opened) -> Clicked:
    if opened.code not in book.codes:
        return Clicked(State.UNKNOWN)
    link, destination, retired_at = book.codes[opened.code]
    if retired_at is not None:
        return ENDED
    automated = human.sign_of_program(opened.asked) is not None
    book.tally.add(Earlier(0, link, opened.at, automated), None)
    return Clicked(State.COUNTED, destination)


def _of_contact(book: _Book, opened: Opened) -> Clicked | None:
    if opened.handle not in book.issued:
        return None
    contact, issued_for, expires_at, revoked_at, delivered_at, *leads = book.issued[opened.handle]
    link, destination, retired_at = leads
    if revoked_at is not None or retired_at is not None:
        return ENDED
    if expires_at is not None and opened.at >= expires_at:
        return Clicked(State.EXPIRED, destination)
    known = book.known[contact, issued_for]
    since = opened.at - human.LOOKS_BACK
    verdict = human.judge(
        opened.asked, link=link, at=opened.at, delivered_at=delivered_at,
        earlier=[click for click in known if click.at >= since],
    )  # fmt: skip
    this = Earlier(-1 - len(book.new), link, opened.at, not verdict.is_human)
    stays = _turned(book, verdict.turned, known, (contact, issued_for))
    book.tally.add(this, issued_for)
    book.tally.recount(known, [*stays, this], issued_for)
    book.new[this] = (contact, issued_for)
    book.known[contact, issued_for] = [*stays, this]
    moves = verdict.is_human or bool(verdict.turned)
    return Clicked(State.COUNTED, destination, contact if moves else None)


def _turned(
    book: _Book, turned: Sequence[Earlier], known: Sequence[Earlier], whose: tuple[int, UUID]
) -> list[Earlier]:
    """What is known once these are a program's: on file, or about to be written."""
    if not turned:
        return list(known)
    book.tally.turn(turned, whose[1])
    now_so = [replace(click, automated=True) for click in turned]
    book.turned += [click.key for click in turned if click not in book.new]
    for click, told in zip(turned, now_so, strict=True):
        if book.new.pop(click, None):
            book.new[told] = whose
    return [*tally.without(known, turned), *now_so]


def _columns(book: _Book) -> dict[str, Any]:
    return {
        "turned": book.turned,
        "contacts": [contact for contact, _ in book.new.values()],
        "mailings": [issued_for for _, issued_for in book.new.values()],
        "clicked": [click.link for click in book.new],
        "clicked_at": [click.at for click in book.new],
        "automated": [click.automated for click in book.new],
        **book.tally.columns(),
    }


def _load(name: str) -> str:
    return sql.load(ROOM, name)
