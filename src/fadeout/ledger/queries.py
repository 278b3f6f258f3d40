"""Reads of the ledger: the entries with their texts, and whether all of it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from fadeout.core import sql
from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.ledger import chain, check, operations
from fadeout.ledger.check import Finding, Lost, does_not_hold
from fadeout.ledger.head import Custody, Head, HeadLost
from fadeout.ledger.models import Entry, Kind, Text

AT_ONCE = 2_000
PRINTED = re.compile(r"^\s*(\d{1,18})\s*:\s*([0-9a-fA-F]{64})\s*:\s*([0-9a-fA-F]{64})\s*$")

Told = Callable[[Finding], None]


@dataclass(frozen=True)
class Printed:
    """A head as certificates print it: number, hash and authentication code of an entry."""

    number: int
    hash: str
    mac: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}:{self.mac}"

    @classmethod
    def of(cls, entry: Entry) -> Printed:
        """The head that an entry is."""
        return cls(entry.number, entry.hash, entry.mac)

    @classmethod
    def read(cls, text: str) -> Printed:
        """What somebody copied from a certificate.

        Raises:
            BadInput: it is not of the form.
        """
        found = PRINTED.match(text)
        if found is None:
            raise BadInput(
                _("This is not a head of a ledger."),
                way_out=_(
                    "Give it as the certificate prints it: NUMBER:HASH:CODE, the last two of 64 digits each."
                ),
            )
        return cls(int(found[1]), found[2].lower(), found[3].lower())


@dataclass
class Verification:
    """What came out of looking at the whole ledger."""

    entries: int = 0
    last: Entry | None = None
    findings: int = 0
    emptied: int = 0
    lost: list[Lost] = field(default_factory=list)
    head_lost: list[Entry] = field(default_factory=list)
    hash_at_printed: str = ""
    printed: str = ""


def first() -> Entry | None:
    """The first entry of the ledger."""
    return Entry.objects.order_by("number").first()


def latest() -> Entry | None:
    """The last entry of the ledger."""
    return Entry.objects.order_by("-number").first()


def listed(*, last: int | None = None) -> Iterator[tuple[Entry, list[Text]]]:
    """Entries with their texts, in order: all, or the last ones."""
    entries = Entry.objects.order_by("number")
    texts = Text.objects.order_by("entry_id", "name")
    if last is not None:
        latest_ones = entries.reverse().values_list("number", flat=True)[:last]
        since = min(latest_ones, default=0)
        entries, texts = entries.filter(number__gte=since), texts.filter(entry__gte=since)
    with transaction.atomic():
        yield from _joined(entries.iterator(AT_ONCE), texts.iterator(AT_ONCE))


def names() -> dict[UUID, str | None]:
    """Operators by public id, with their names as far as they are still known."""
    return dict(Operator.objects.values_list("public_id", "name"))


def names_of(operators: Iterable[UUID]) -> dict[UUID, str | None]:
    """These operators, with their names as far as they are still known."""
    found = Operator.objects.filter(public_id__in=set(operators))
    return dict(found.values_list("public_id", "name"))


def length() -> int:
    """How many entries there are."""
    return Entry.objects.count()


def verify(*, told: Told, printed: Printed | None = None) -> Verification:
    """Look at every entry, its texts, the head, and a head that somebody printed.

    Tells each thing that does not hold, as it goes; reads entry by entry. A head that a crash left
    behind is moved on.

    Raises:
        BadInput: key or head are not this house's, or the key is missing.
    """
    custody = operations.opened()
    made = Verification()

    def found(finding: Finding) -> None:
        made.findings += 1
        told(finding)

    try:
        head = custody.read()  # before the entries: they only ever grow
    except HeadLost as lost:
        found(Finding(0, str(lost)))
        head = None
    with one_moment():
        moved = _walk(custody, head, made, found, printed)
    if printed:
        made.printed = _printed_head(printed, made, custody, found)
    if moved is not None and moved != head and not made.findings:
        custody.prepare(moved)
        custody.replace(moved)
    return made


def require_whole() -> Entry:
    """The last entry of a ledger in which everything holds.

    Raises:
        DidNotHold: something does not; or there is no entry.
    """
    findings: list[Finding] = []
    made = verify(told=findings.append)
    if made.last is None or findings:
        what = findings[0].what if findings else _("It has no entries.")
        raise does_not_hold(_("The ledger does not hold: %(what)s") % {"what": what})
    return made.last


def _walk(
    custody: Custody, head: Head | None, made: Verification, found: Told, printed: Printed | None
) -> Head | None:
    """Returns the head as it should be, once everything holds."""
    walk = check.Walk(custody)
    stands = head is not None and head.number == 0
    moved = head
    for entry, texts in listed():
        made.entries += 1
        made.last = entry
        made.emptied += sum(text.text is None for text in texts)
        if printed and printed.number == entry.number:
            made.hash_at_printed = entry.hash
        findings = list(walk.step(entry))
        for finding in findings or check.of_texts(entry, texts):
            found(finding)
        if head is not None:
            stands = stands or (entry.number, entry.hash) == (head.number, head.hash)
        if findings:
            continue  # what it says is somebody else's
        if entry.kind == Kind.RESTORE and not entry.facts.get("lost"):
            made.head_lost.append(entry)
        if moved is not None and entry.number > moved.number:
            moved = moved.moved_on(entry)
    made.lost = walk.lost
    if head is not None:
        for finding in check.of_head(head, walk, stands=stands):
            found(finding)
    return moved


def _printed_head(printed: Printed, made: Verification, custody: Custody, found: Told) -> str:
    """What to say of a printed head that was looked for; nothing if it is told as a finding."""
    number = printed.number
    code = chain.entry_mac(custody.key, number, printed.hash)
    if not chain.same(code, printed.mac):
        found(
            Finding(
                number,
                _(
                    "The printed head %(number)s was not made by this ledger, or not copied as it was "
                    "printed."
                )
                % {"number": number},
            )
        )
        return ""
    if made.hash_at_printed == printed.hash:
        stands = _("The printed head %(number)s stands in the ledger as it was printed.")
        return stands % {"number": number}
    for lost in made.lost:
        if lost.first <= number <= lost.last:
            acknowledged = _(
                "The printed head %(number)s is authentic; its entry is among those that the restore "
                "acknowledged by entry %(entry)s lost."
            )
            return acknowledged % {"number": number, "entry": lost.entry.number}
    if made.hash_at_printed:
        what = _("The printed head %(number)s is authentic, but entry %(number)s is another one.")
    else:
        what = _("The printed head %(number)s is authentic, but entry %(number)s is not there.")
    found(Finding(number, what % {"number": number}))
    return ""


def _joined(entries: Iterator[Entry], texts: Iterator[Text]) -> Iterator[tuple[Entry, list[Text]]]:
    grouped = groupby(texts, key=lambda text: text.entry_id)
    waiting = next(grouped, None)
    for entry in entries:
        while waiting is not None and waiting[0] < entry.number:
            waiting = next(grouped, None)
        if waiting is not None and waiting[0] == entry.number:
            yield entry, list(waiting[1])
            waiting = next(grouped, None)
        else:
            yield entry, []


@contextmanager
def one_moment() -> Iterator[None]:
    """Inside, everything is read as it stood at one moment, whoever writes meanwhile."""
    with transaction.atomic(durable=True):
        sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
