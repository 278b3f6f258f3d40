"""Adds to the ledger; acknowledges what a restore lost; empties what people typed.

What could go wrong, and what prevents it:

- Something is done and not recorded, or recorded and not done: both are one transaction.
- Two writers take one number: an advisory lock lets one at a time add, until it has committed.
- Somebody goes on with a ledger whose end is gone: whoever adds compares table and head first.
- A reason names somebody who must be forgotten: texts stand apart from the chain and can be emptied.
- Somebody gives an operator another's name: it is a text of the first entry that names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fadeout.core import paths, sql
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.ledger import chain, check
from fadeout.ledger.head import Custody, Head, HeadLost
from fadeout.ledger.models import NAME, Entry, Kind, Text

LOCK_ID = 0x6661646C6564  # "fadled": any fixed number will do


def record(
    kind: Kind,
    *,
    by: Operator | None,
    now: datetime,
    facts: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """Add an entry, in the transaction that does what it records.

    Args:
        kind: what is recorded.
        by: who did it; nobody, if the program found it so.
        now: this instant.
        facts: figures, days, ids; never personal data.
        texts: what people typed, by name; kept apart.

    Raises:
        DidNotHold: entries are gone or not authentic, or the key folder cannot be written.
        BadInput: the key folder is not this house's.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an entry is recorded in the transaction of what it records")
    _one_at_a_time()
    custody = opened()
    head = custody.read()
    for known in check.beyond(head, custody):
        head = head.moved_on(known)
    return _append(custody, head, kind, by=by, now=now, facts=facts, texts=texts or {})


def has_lost_its_end() -> bool:
    """Whether the database is older than the key folder knows it: restored, and not acknowledged yet."""
    try:
        return opened().read().number > check.last_number()
    except HeadLost:
        return True


def acknowledge_restore(*, by: Operator, now: datetime, reason: str | None = None) -> Entry | None:
    """Go on with a ledger whose end was lost by restoring an older database, or whose head was lost.

    Numbers are never given twice: the entry that says what was lost follows the last one lost.

    Returns:
        That entry; nothing if there is nothing to acknowledge.

    Raises:
        DidNotHold: what is there is not authentic.
        BadInput: the key folder is not this house's.
    """
    with transaction.atomic():
        _one_at_a_time()
        custody = opened()
        last = Entry.objects.order_by("-number").first()
        if last is not None:
            check.require_authentic(last, custody)
        facts: dict[str, Any] = {"head": "ahead", "lost": None}
        try:
            head = custody.read()
        except HeadLost as lost:
            facts["head"] = lost.how
            head = Head(check.last_number(), last.hash if last else chain.genesis(custody.house))
        else:
            if head.number <= check.last_number():
                check.beyond(head, custody)
                return None
            first = check.last_number() + 1
            facts["lost"] = {"from": first, "to": head.number, "hash": head.hash}
        texts = {"reason": reason.strip()} if reason and reason.strip() else {}
        previous = last.hash if last else chain.genesis(custody.house)
        return _append(
            custody, head, Kind.RESTORE, by=by, now=now, facts=facts, texts=texts, previous=previous
        )


def empty_texts(*, entries: Sequence[int], by: Operator | None, now: datetime) -> Entry:
    """Empty what people typed for these entries; the chain holds, and says that it was done.

    Raises:
        BadInput: one of them has no text that could be emptied.
    """
    with transaction.atomic():
        texts = Text.objects.filter(entry__in=entries, text__isnull=False).exclude(name=NAME)
        texts = texts.select_for_update()
        without = sorted(set(entries) - {text.entry_id for text in texts})
        if without or not entries:
            raise BadInput(
                f"There is no text to empty at entry {', '.join(map(str, without))}."
                " Nothing was changed.",
                way_out="fadeout ledger show tells what stands where.",
            )
        Text.objects.filter(pk__in=[text.pk for text in texts]).update(text=None, salt=None)
        return record(Kind.EMPTIED, by=by, now=now, facts={"entries": sorted(set(entries))})


def empty_name(operator: Operator, *, by: Operator, now: datetime) -> Entry:
    """Forget the name of an operator who left; entries go on naming them by their opaque id.

    Raises:
        BadInput: they would empty their own.
    """
    if operator.pk == by.pk:
        raise BadInput(
            _("Nobody empties their own name: somebody else answers for it."),
            way_out="Give another name with --by NAME.",
            on_page=_("Have somebody else do it."),
        )
    with transaction.atomic():
        operator.name = None
        operator.save(update_fields=["name"])
        names_of([operator.public_id]).update(text=None, salt=None)
        return record(Kind.EMPTIED, by=by, now=now, facts={"operator": operator.public_id})


def opened() -> Custody:
    """Key and head of this house's ledger; made if there are no entries yet.

    Raises:
        BadInput: the key is missing where there are entries already.
    """
    house = institution.current().public_id
    custody = Custody(paths.keys(), house, is_new=not Entry.objects.exists())
    custody.begin()
    return custody


def _append(  # noqa: PLR0913 - what an entry is made of
    custody: Custody,
    head: Head,
    kind: Kind,
    *,
    by: Operator | None,
    now: datetime,
    facts: Mapping[str, Any],
    texts: Mapping[str, str],
    previous: str | None = None,
) -> Entry:
    typed = _with_name(by, texts)
    salted = {name: (chain.salt(), text) for name, text in typed.items()}
    entry = Entry(
        number=head.number + 1,
        at=now,
        kind=kind.value,
        actor=by.public_id if by else None,
        facts=chain.plain(facts),
        text_digests={n: chain.text_digest(s, n, t) for n, (s, t) in salted.items()},
        previous=head.hash if previous is None else previous,
    )
    entry.hash = chain.digest(entry)
    entry.mac = chain.entry_mac(custody.key, entry.number, entry.hash)
    entry.save(force_insert=True)
    Text.objects.bulk_create(
        Text(entry=entry, name=name, salt=salt, text=text) for name, (salt, text) in salted.items()
    )
    after = head.moved_on(entry)
    custody.prepare(after)
    transaction.on_commit(partial(custody.replace, after))
    return entry


def _with_name(by: Operator | None, texts: Mapping[str, str]) -> Mapping[str, str]:
    """With what an operator is called, the first time: a name in the database can be changed unseen."""
    if by is None or by.name is None or names_of([by.public_id]).exists():
        return texts
    return {**texts, NAME: by.name}


def names_of(operators: Iterable[UUID]) -> QuerySet[Text]:
    """What these operators are called, as the ledger has it."""
    return Text.objects.filter(name=NAME, entry__actor__in=list(operators)).order_by("entry")


def _one_at_a_time() -> None:
    """Until the transaction ends: only then does the next one see what this one added."""
    sql.rows("SELECT pg_advisory_xact_lock(%(id)s)", {"id": LOCK_ID})
