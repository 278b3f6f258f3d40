"""Entries of the ledger as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import pgettext_lazy

from fadeout.console.ledger import words
from fadeout.ledger import queries
from fadeout.ledger.models import NAME, Entry, Kind

if TYPE_CHECKING:
    from django.utils.functional import Promise

#: Where an entry leads, by the fact that has the number there, and what it is called.
LINKS = (
    ("plan", "plan", pgettext_lazy("link", "Plan")),
    ("run", "run", pgettext_lazy("link", "Run")),
)
#: A run that ended has a certificate.
CERTIFICATE = ("run", "certificate", pgettext_lazy("link", "Certificate"))


@dataclass(frozen=True)
class Shown:
    """One entry; ``texts`` are what somebody typed, None where it was emptied."""

    number: int
    at: datetime
    kind: Promise | str
    who: str
    sentence: str
    figures: words.Figures
    texts: list[str | None]
    links: list[tuple[str, Promise | str]]


def shown(entries: Sequence[Entry]) -> list[Shown]:
    """Entries in words, with the names of whoever is still known."""
    named = {entry.actor for entry in entries if entry.actor}
    named.update(who for entry in entries for who in words.operators_in(entry.facts))
    names = queries.names_of(named)
    return [_shown(entry, names) for entry in entries]


def _shown(entry: Entry, names: words.Names) -> Shown:
    told = words.told(entry.kind, entry.facts, names)
    is_known = entry.kind in list(Kind)
    return Shown(
        number=entry.number,
        at=entry.at,
        kind=words.KINDS[Kind(entry.kind)] if is_known else entry.kind,
        who=words.name_of(entry.actor, names),
        sentence=told.sentence,
        figures=told.figures,
        texts=[text.text for text in entry.texts.all() if text.name != NAME],
        links=list(_links_of(entry)),
    )


def _links_of(entry: Entry) -> Iterator[tuple[str, Promise | str]]:
    """Addresses and names; none of an entry that somebody changed so that it leads nowhere."""
    facts = entry.facts if isinstance(entry.facts, dict) else {}
    ended = entry.kind == Kind.RUN_ENDED
    for fact, route, name in (*LINKS, *((CERTIFICATE,) if ended else ())):
        with suppress(NoReverseMatch):
            if fact in facts:
                yield reverse(route, args=[facts[fact]]), name
