"""How it is told that tables and ledger differ: in whole sentences, in the language of whoever looks.

Facts are called in every language what they are called in the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from fadeout.ledger import chain
from fadeout.ledger.check import Finding
from fadeout.ledger.models import Entry


def at(entry: Entry, what: str) -> Finding:
    """Something that an entry says, and the tables do not."""
    sentence = _("%(what)s (entry %(entry)s).")
    return Finding(entry.number, sentence % {"what": what, "entry": entry.number})


def not_recorded(what: str, number: int | UUID) -> Finding:
    """A row that no entry tells of."""
    sentences = {
        "plan": _("In the database and not in the ledger: plan %(number)s."),
        "approval of plan": _(
            "In the database and not in the ledger: approval of plan %(number)s."
        ),
        "override of plan": _(
            "In the database and not in the ledger: override of plan %(number)s."
        ),
        "run": _("In the database and not in the ledger: run %(number)s."),
        "version of the policy": _(
            "In the database and not in the ledger: version of the policy %(number)s."
        ),
        "key of the vault": _(
            "In the database and not in the ledger: key of the vault %(number)s."
        ),
    }
    return Finding(0, sentences[what] % {"number": number})


def of_a_run() -> str:
    """What :func:`differences` says of a run."""
    return _("Of run %(run)s the database says something else than the ledger: %(names)s")


def differing(
    sentence: str, about: Mapping[str, Any], entry: Entry, actor: str, said: Mapping[str, Any]
) -> Iterator[str]:
    """In which facts an entry differs from ``said``; ``actor`` is what its actor is called there."""
    recorded = {actor: entry.actor, "at": entry.at, **entry.facts}
    yield from differences(sentence, about, chain.plain(recorded), chain.plain(said))


def differences(
    sentence: str, about: Mapping[str, Any], recorded: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[str]:
    """The facts that are not what was recorded, in this sentence."""
    names = [name for name in recorded if recorded[name] != said.get(name)]
    if names:
        yield sentence % {**about, "names": ", ".join(names)}
