"""How a change of authorisations or criteria becomes rows, whoever brings it about.

What could go wrong, and what prevents it:

- Saving without a change would renew somebody: only what differs from what is in force becomes a row,
  unless somebody says yes once more and means it.
- A change takes effect twice, or not at all, for rows of one instant or a later one: it gets an instant
  behind the latest of its kind, and is refused where that lies in the future.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fadeout.contacts.models import Answer, Authorisation, Contact, Criterion, Origin
from fadeout.contacts.records import AuthorisationHistory, CriterionHistory
from fadeout.contacts.refusals import Refused, Why

LONGEST_NAME = 200
LONGEST_TEXT = 10_000
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class AuthorisationChange:
    """What a purpose and channel should say; what was agreed to, and how that is known."""

    purpose: str
    channel: str
    value: Answer
    wording: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class CriterionChange:
    """What a criterion should say; None removes it."""

    criterion: str
    value: str | None


def answers(  # noqa: PLR0913 - what a change is made of
    contact: Contact,
    histories: Sequence[AuthorisationHistory],
    changes: Sequence[AuthorisationChange],
    *,
    origin: Origin,
    now: datetime,
    anew: bool = False,
    in_any_case: bool = False,
) -> int:
    """Put answers in force for a contact that is locked; all take effect together.

    Args:
        contact: whose.
        histories: what is on file.
        changes: what should be in force; what is in force already is left alone.
        origin: who brings it about.
        now: this instant.
        anew: whether a yes that is in force is given once more, with its own proof.
        in_any_case: whether it is put behind a later row, too, rather than refused: nobody who leaves is
            told to come back later.

    Returns:
        How many changed.

    Raises:
        Refused: LATER_CHANGE_ON_FILE, EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    known = {(history.purpose, history.channel): history.in_force for history in histories}
    asked = dict(map(_answer, changes))  # of two for one, the last
    wanted = {
        key: answer
        for key, answer in asked.items()
        if answer[0] != (known[key].value if key in known else Answer.UNANSWERED)
        or (anew and answer[0] is Answer.YES)
    }
    latest = [known[key].changed_at for key in wanted if key in known]
    at = max([now, *(row + TICK for row in latest)]) if in_any_case else instant(now, latest)
    Authorisation.objects.bulk_create(
        Authorisation(
            contact=contact, purpose=purpose, channel=channel, changed_at=at,
            value=value, origin=origin, wording=wording, evidence=evidence,
        )
        for (purpose, channel), (value, wording, evidence) in wanted.items()
    )  # fmt: skip
    return len(wanted)


def labels(
    contact: Contact,
    histories: Sequence[CriterionHistory],
    changes: Sequence[CriterionChange],
    *,
    origin: Origin,
    now: datetime,
) -> int:
    """Put labels in force for a contact that is locked; as :func:`answers`."""
    known = {history.criterion: history.in_force for history in histories}
    asked = dict(map(_label, changes))  # of two for one, the last
    wanted = {
        name: value
        for name, value in asked.items()
        if value != (known[name].value if name in known else None)
    }
    at = instant(now, [known[name].changed_at for name in wanted if name in known])
    Criterion.objects.bulk_create(
        Criterion(contact=contact, criterion=name, changed_at=at, value=value, origin=origin)
        for name, value in wanted.items()
    )
    return len(wanted)


def instant(now: datetime, latest: Sequence[datetime]) -> datetime:
    """Now, or just behind the latest row: two changes can come within one tick of the clock.

    Raises:
        Refused: LATER_CHANGE_ON_FILE.
    """
    last = max(latest, default=None)
    if last is None or last < now:
        return now
    if last - now > timedelta(seconds=1):
        raise Refused(Why.LATER_CHANGE_ON_FILE)
    return last + TICK


def named(text: str, field: str) -> str:
    """What something is called.

    Raises:
        Refused: EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    name = required(typed(text, field), field)
    if len(name) > LONGEST_NAME:
        raise Refused(Why.TOO_LONG, field)
    return name


def required(text: str | None, field: str) -> str:
    """A text that must be there.

    Raises:
        Refused: EMPTY.
    """
    if text is None:
        raise Refused(Why.EMPTY, field)
    return text


def typed(text: str | None, field: str) -> str | None:
    """What was typed, without blanks around it; nothing if there is nothing.

    Raises:
        Refused: TOO_LONG, NOT_A_TEXT.
    """
    stripped = (text or "").strip()
    if len(stripped) > LONGEST_TEXT:
        raise Refused(Why.TOO_LONG, field)
    if any(unicodedata.category(c) in ("Cs", "Cc") and c not in "\n\r\t" for c in stripped):
        raise Refused(Why.NOT_A_TEXT, field)
    return stripped or None


def _answer(
    change: AuthorisationChange,
) -> tuple[tuple[str, str], tuple[Answer, str | None, str | None]]:
    key = (named(change.purpose, "purpose"), named(change.channel, "channel"))
    return key, (
        Answer(change.value), typed(change.wording, "wording"), typed(change.evidence, "evidence"),
    )  # fmt: skip


def _label(change: CriterionChange) -> tuple[str, str | None]:
    return named(change.criterion, "criterion"), typed(change.value, "value")
