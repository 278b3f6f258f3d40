"""Entries of the ledger as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse

from fadeout.console.ledger import words
from fadeout.ledger import queries
from fadeout.ledger.models import NAME, Entry, Kind

if TYPE_CHECKING:
    from django.utils.functional import Promise

#: Kinds of entries after which a run has a certificate.
CERTIFIED = (Kind.RUN_ENDED,)


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
    certificate: str


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
        certificate=_certificate_of(entry),
    )


def _certificate_of(entry: Entry) -> str:
    if entry.kind not in CERTIFIED or not isinstance(entry.facts, dict):
        return ""
    try:
        return reverse("certificate", args=[entry.facts.get("run")])
    except NoReverseMatch:  # somebody changed the entry
        return ""
