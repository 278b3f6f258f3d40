"""What must hold of entries that follow one another, and of the head that names the last one.

What could go wrong: somebody who can write to the database changes what was recorded. So every entry is
looked at for its number, its hash, its authentication code and its link to the one before; and
the head, which lies elsewhere, for whether the end is still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fadeout.core.errors import DidNotHold
from fadeout.ledger import chain
from fadeout.ledger.head import Custody, Head
from fadeout.ledger.models import Entry, Kind, Text

#: How far from its place an entry is looked for that was moved.
NEARBY = 100


@dataclass(frozen=True)
class Finding:
    """Something that does not hold, at an entry or beyond the last one."""

    entry: int
    what: str


def does_not_hold(message: str) -> DidNotHold:
    """The refusal of something that needs a ledger that holds."""
    return DidNotHold(
        message,
        way_out=_("fadeout ledger verify tells all that does not hold."),
        on_page=_("The page of the ledger can check it, and tells all that does not hold."),
    )


@dataclass(frozen=True)
class Lost:
    """Entries that a restore of the database lost, acknowledged by an entry."""

    first: int
    last: int
    hash: str
    entry: Entry


class Walk:
    """Goes from entry to entry and says of each what does not hold."""

    def __init__(self, custody: Custody) -> None:
        self._key = custody.key
        self.number = 0
        self.hash = chain.genesis(custody.house)
        self.lost: list[Lost] = []

    def step(self, entry: Entry) -> Iterator[Finding]:
        """Look at the next entry."""
        content = list(self.of_content(entry))
        lost = None if content else _lost(entry)
        if entry.number != self.number + 1:
            if lost and (lost.first, lost.last) == (self.number + 1, entry.number - 1):
                self.lost.append(lost)
            else:
                yield Finding(entry.number, _missing(self.number + 1, entry.number - 1))
        elif not content and entry.previous != self.hash:
            content = [
                Finding(
                    entry.number,
                    _(
                        "Entry %(entry)s does not follow entry %(before)s: that one was changed, or "
                        "another one stood there."
                    )
                    % {"entry": entry.number, "before": self.number},
                )
            ]
        yield from content
        self.number, self.hash = entry.number, entry.hash

    def of_content(self, entry: Entry) -> Iterator[Finding]:
        """What does not hold of an entry by itself."""
        if not chain.same(chain.digest(entry), entry.hash):
            yield Finding(entry.number, _how_changed(entry))
        elif not is_authentic(self._key, entry):
            yield Finding(
                entry.number,
                _("Entry %(entry)s is not authentic: it was not written with the ledger's key.")
                % {"entry": entry.number},
            )


def is_authentic(key: bytes, entry: Entry) -> bool:
    """Whether whoever wrote it had the key."""
    return chain.same(chain.entry_mac(key, entry.number, entry.hash), entry.mac)


def require_authentic(entry: Entry, custody: Custody) -> None:
    """Refuse to carry on from an entry that was changed.

    Raises:
        DidNotHold: it is not what was written.
    """
    if findings := list(Walk(custody).of_content(entry)):
        raise _tampered(findings[0].what)


def of_texts(entry: Entry, texts: Iterable[Text]) -> Iterator[Finding]:
    """What does not hold of the texts of an entry; one that was emptied does."""
    there = {text.name: text for text in texts}
    for name in sorted(set(there) - set(entry.text_digests)):
        told = _("A text (%(name)s) was added to entry %(entry)s.")
        yield Finding(entry.number, told % {"name": name, "entry": entry.number})
    for name, expected in sorted(entry.text_digests.items()):
        text = there.get(name)
        if text is None:
            told = _("The text (%(name)s) of entry %(entry)s was removed.")
            yield Finding(entry.number, told % {"name": name, "entry": entry.number})
        elif text.text is not None and text.salt is not None:
            found = chain.text_digest(text.salt, name, text.text)
            if not chain.same(found, expected):
                told = _("The text (%(name)s) of entry %(entry)s was changed.")
                yield Finding(entry.number, told % {"name": name, "entry": entry.number})


def beyond(head: Head, custody: Custody) -> list[Entry]:
    """The entries from the head on that are not in it yet: committed before the head was moved on.

    Raises:
        DidNotHold: the entry of the head is not there, or what follows is not authentic.
    """
    following = list(Entry.objects.filter(number__gt=head.number).order_by("number"))
    walk = Walk(custody)
    walk.number, walk.hash = head.number, head.hash
    if not _stands(head):
        lost = _lost(following[0]) if following else None
        if lost is None or (lost.last, lost.hash) != (head.number, head.hash):
            raise _ahead_or_changed(head)
        walk.hash = following[0].previous
    findings = [finding for entry in following for finding in walk.step(entry)]
    if findings:
        raise _tampered(findings[0].what)
    return following


def _stands(head: Head) -> bool:
    return head.number == 0 or Entry.objects.filter(number=head.number, hash=head.hash).exists()


def _ahead_or_changed(head: Head) -> DidNotHold:
    last = last_number()
    if head.number > last:
        nothing_changed = _("Nothing was changed.")
        return DidNotHold(
            f"{_cut(last, head)} {nothing_changed}",
            way_out=_(
                "Was an older backup of the database restored? Then fadeout replay erases again what was "
                "erased since and acknowledges the loss; without that: fadeout ledger acknowledge "
                "--by NAME --reason TEXT. If not, somebody removed them: fadeout ledger verify."
            ),
        )
    return _tampered(_not_the_heads(head))


def _tampered(what: str) -> DidNotHold:
    tampered = _("The ledger was tampered with: %(what)s Nothing was changed.")
    return does_not_hold(tampered % {"what": what})


def of_head(head: Head, walk: Walk, *, stands: bool) -> Iterator[Finding]:
    """What does not hold between the head and entries that were walked to their end.

    Args:
        head: the head on file.
        walk: at the last entry.
        stands: whether the entry that the head names was met, with its hash.
    """
    acknowledged = {(lost.last, lost.hash) for lost in walk.lost}
    if not stands and (head.number, head.hash) not in acknowledged:
        what = _cut(walk.number, head) if head.number > walk.number else _not_the_heads(head)
        yield Finding(head.number, what)
    for replaced in head.replaced:
        is_lost = any(lost.first <= replaced.entry <= lost.last for lost in walk.lost)
        if not is_lost and (replaced.number, replaced.hash) not in acknowledged:
            yield Finding(
                replaced.entry,
                _(
                    "The key folder knows of a restore that lost entry %(lost)s; entry %(entry)s, "
                    "which acknowledged it, does not say so."
                )
                % {"lost": replaced.number, "entry": replaced.entry},
            )


def last_number() -> int:
    """The number of the last entry, or 0."""
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first()
    return last or 0


def _lost(entry: Entry) -> Lost | None:
    """What a restore lost, if the entry says so; somebody may have written anything into it."""
    facts = entry.facts if entry.kind == Kind.RESTORE else None
    lost = facts.get("lost") if isinstance(facts, dict) else None
    if not isinstance(lost, dict) or set(lost) != {"from", "to", "hash"}:
        return None
    return Lost(lost["from"], lost["to"], lost["hash"], entry)


def _missing(first: int, last: int) -> str:
    if last < first:
        out_of_order = _(
            "An entry stands out of order: number %(number)s where %(expected)s was to come."
        )
        return out_of_order % {"number": last + 1, "expected": first}
    if first == last:
        return _("Entry %(entry)s was removed.") % {"entry": first}
    return _("Entries %(first)s to %(last)s were removed.") % {"first": first, "last": last}


def _how_changed(entry: Entry) -> str:
    for number in range(max(1, entry.number - NEARBY), entry.number + NEARBY):
        if number != entry.number and chain.digest(entry, number=number) == entry.hash:
            moved = _(
                "Entry %(entry)s stands in the wrong place: it was written as entry %(number)s."
            )
            return moved % {"entry": entry.number, "number": number}
    changed = _("Entry %(entry)s was changed: it is not what its hash says.")
    return changed % {"entry": entry.number}


def _cut(last: int, head: Head) -> str:
    told = {"last": last, "first": last + 1, "head": head.number}
    if last + 1 == head.number:
        return (
            _(
                "The ledger ends with entry %(last)s, the head in the key folder names %(head)s: "
                "Entry %(head)s is gone."
            )
            % told
        )
    return (
        _(
            "The ledger ends with entry %(last)s, the head in the key folder names %(head)s: "
            "Entries %(first)s to %(head)s are gone."
        )
        % told
    )


def _not_the_heads(head: Head) -> str:
    another = _("Entry %(entry)s is not the one that the head in the key folder names.")
    return another % {"entry": head.number}
