"""What the house offers contacts to decide for themselves, in words of their language, version by version.

What could go wrong, and what prevents it:

- Nobody can say any more to which words somebody said yes: a version is never changed, every change of a
  word is a new one, and an answer keeps the words and the number of the version that were shown.
- A contact answers to words that were changed meanwhile: a form carries the number that it showed.
- Two people change it at once: whoever comes second is told, and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fadeout.contacts.changing import named, typed
from fadeout.contacts.models import OfferingVersion
from fadeout.contacts.refusals import Refused, Why
from fadeout.core.errors import DidNotHold
from fadeout.institution.models import Institution, Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind

MOST_OFFERED = 40
Texts = Mapping[str, str]
Said = TypeVar("Said")


class OfferingChangedMeanwhile(DidNotHold):
    """Somebody else changed what is offered."""

    def __init__(self) -> None:
        super().__init__(
            _("What is offered has changed meanwhile. Nothing was changed."),
            way_out=_("Look at it as it is now."),
        )


@dataclass(frozen=True)
class Words:
    """What stands beside the box, and what is agreed to with it."""

    label: str
    wording: str


@dataclass(frozen=True)
class OfferedAuthorisation:
    """A purpose and a channel that contacts may answer to, with the words of each language."""

    purpose: str
    channel: str
    words: Mapping[str, Words]

    @property
    def key(self) -> tuple[str, str]:
        return self.purpose, self.channel

    def said_in(self, language: str) -> tuple[str, Words]:
        """The language in which it is said to somebody who asks for this one, and the words."""
        return _said_in(self.words, language)


@dataclass(frozen=True)
class Choice:
    """One value that a criterion may have, and what it is called."""

    value: str
    labels: Texts

    def said_in(self, language: str) -> str:
        return _said_in(self.labels, language)[1]


@dataclass(frozen=True)
class OfferedCriterion:
    """A criterion that contacts may set, with its choices."""

    criterion: str
    labels: Texts
    choices: tuple[Choice, ...]

    @property
    def key(self) -> str:
        return self.criterion

    def said_in(self, language: str) -> str:
        return _said_in(self.labels, language)[1]


@dataclass(frozen=True)
class Offering:
    """A version of all that is offered; number 0 offers nothing yet."""

    number: int
    authorisations: tuple[OfferedAuthorisation, ...] = ()
    criteria: tuple[OfferedCriterion, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.authorisations and not self.criteria


def in_force() -> Offering:
    """The latest version."""
    found = OfferingVersion.objects.order_by("-number").first()
    return Offering(0) if found is None else _read(found)


def version(number: int) -> Offering | None:
    """The version of this number, if there is one."""
    found = OfferingVersion.objects.filter(number=number).first()
    return _read(found) if found else None


def versions() -> list[OfferingVersion]:
    """Every version, the newest first, with who made it."""
    return list(OfferingVersion.objects.select_related("created_by").order_by("-number"))


def offer_authorisation(
    offered: OfferedAuthorisation,
    *,
    instead_of: tuple[str, str] | None = None,
    seen: int,
    by: Operator,
    now: datetime,
) -> Offering:
    """Offer an authorisation, or another wording of it.

    Args:
        offered: what is offered from now on.
        instead_of: the purpose and channel that it takes the place of.
        seen: the number of the version that was looked at.
        by: who does it.
        now: this instant.

    Raises:
        Refused: EMPTY, TOO_LONG, NOT_A_TEXT, OFFERED_ALREADY, TOO_MANY, NOT_THERE.
        OfferingChangedMeanwhile: another version is in force.
    """
    good = _good_authorisation(offered)
    return _change(
        lambda now_is: replace(
            now_is, authorisations=_with(now_is.authorisations, good, instead_of)
        ),
        seen=seen, by=by, now=now,
    )  # fmt: skip


def offer_criterion(
    offered: OfferedCriterion,
    *,
    instead_of: str | None = None,
    seen: int,
    by: Operator,
    now: datetime,
) -> Offering:
    """Offer a criterion, or other choices of it; as :func:`offer_authorisation`."""
    good = _good_criterion(offered)
    return _change(
        lambda now_is: replace(now_is, criteria=_with(now_is.criteria, good, instead_of)),
        seen=seen, by=by, now=now,
    )  # fmt: skip


def withdraw(key: tuple[str, str] | str, *, seen: int, by: Operator, now: datetime) -> Offering:
    """Offer an authorisation or a criterion no more; what contacts answered stays on file.

    Raises:
        Refused: NOT_THERE.
        OfferingChangedMeanwhile: another version is in force.
    """

    def without(now_is: Offering) -> Offering:
        left = replace(
            now_is,
            authorisations=tuple(one for one in now_is.authorisations if one.key != key),
            criteria=tuple(one for one in now_is.criteria if one.key != key),
        )
        if left == now_is:
            raise Refused(Why.NOT_THERE)
        return left

    return _change(without, seen=seen, by=by, now=now)


def _change(
    changed: Callable[[Offering], Offering], *, seen: int, by: Operator, now: datetime
) -> Offering:
    with transaction.atomic():
        Institution.objects.select_for_update().get()  # one at a time: numbers follow one another
        now_is = in_force()
        if now_is.number != seen:
            raise OfferingChangedMeanwhile
        then = replace(changed(now_is), number=now_is.number + 1)
        if max(len(then.authorisations), len(then.criteria)) > MOST_OFFERED:
            raise Refused(Why.TOO_MANY)
        content = _plain(then)
        OfferingVersion.objects.create(
            number=then.number, content=content, created_at=now, created_by=by
        )
        facts = {"number": then.number, "digest": _digest(content)}
        ledger.record(Kind.OFFERING, by=by, now=now, facts=facts)
    return then


def _with(known: Sequence[Any], one: Any, instead_of: Any) -> tuple[Any, ...]:
    """With one more, or one in the place of another."""
    if instead_of is None:
        known = [*known, one]
    else:
        if all(other.key != instead_of for other in known):
            raise Refused(Why.NOT_THERE)
        known = [one if other.key == instead_of else other for other in known]
    keys = [other.key for other in known]
    if len(set(keys)) != len(keys):
        raise Refused(Why.OFFERED_ALREADY)
    return tuple(known)


def _good_authorisation(offered: OfferedAuthorisation) -> OfferedAuthorisation:
    words = {
        language: Words(named(said.label, f"label_{language}"), _needed(said.wording, language))
        for language, said in offered.words.items()
        if said.label.strip() or said.wording.strip()
    }
    return OfferedAuthorisation(
        named(offered.purpose, "purpose"), named(offered.channel, "channel"), _in_order(words)
    )


def _needed(wording: str, language: str) -> str:
    field = f"wording_{language}"
    written = typed(wording, field)
    if written is None:
        raise Refused(Why.EMPTY, field)
    return written


def _good_criterion(offered: OfferedCriterion) -> OfferedCriterion:
    choices = tuple(
        Choice(named(choice.value, "choices"), _labels(choice.labels, "choices"))
        for choice in offered.choices
    )
    if not choices:
        raise Refused(Why.EMPTY, "choices")
    if len({choice.value for choice in choices}) != len(choices):
        raise Refused(Why.OFFERED_ALREADY, "choices")
    if len(choices) > MOST_OFFERED:
        raise Refused(Why.TOO_MANY, "choices")
    return OfferedCriterion(
        named(offered.criterion, "criterion"), _labels(offered.labels, "label"), choices
    )


def _labels(labels: Texts, field: str) -> Texts:
    return _in_order(
        {language: named(text, field) for language, text in labels.items() if text.strip()}, field
    )


def _in_order(said: Mapping[str, Said], field: str = "label") -> dict[str, Said]:
    """In the order of the languages; at least one is needed."""
    known = {code: said[code] for code, _ in settings.LANGUAGES if code in said}
    if not known:
        raise Refused(Why.EMPTY, field)
    return known


def _said_in(said: Mapping[str, Said], language: str) -> tuple[str, Said]:
    """In this language, or else in the first one that the house wrote."""
    spoken = language if language in said else next(iter(said))
    return spoken, said[spoken]


def _digest(content: Mapping[str, Any]) -> str:
    """What the ledger keeps of the words: enough to tell whether they were changed since."""
    told = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _plain(offering: Offering) -> dict[str, Any]:
    content = asdict(offering)
    del content["number"]
    return content


def _read(version: OfferingVersion) -> Offering:
    content = version.content
    return Offering(
        number=version.number,
        authorisations=tuple(
            OfferedAuthorisation(
                one["purpose"],
                one["channel"],
                _in_order({language: Words(**said) for language, said in one["words"].items()}),
            )
            for one in content["authorisations"]
        ),
        criteria=tuple(
            OfferedCriterion(
                one["criterion"],
                _in_order(one["labels"]),
                tuple(Choice(c["value"], _in_order(c["labels"])) for c in one["choices"]),
            )
            for one in content["criteria"]
        ),
    )
