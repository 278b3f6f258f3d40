"""Until when a contact stays, and why: whole sentences, so that each language can say it its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fadeout.console.contacts.sentences import (
    ANONYMISED_LATER,
    ANONYMISED_NOW,
    ANONYMISED_OTHERWISE,
    BEHIND,
    BEHIND_UNTIL,
    DELETED_LATER,
    DELETED_NOW,
    DELETED_OTHERWISE,
    KEEPS_FOR,
    KEPT_BY,
    LAST,
    LAST_BY_VALIDITY,
    MONEY,
    PLAIN,
    STAYS,
    STAYS_BY_VALIDITY,
)
from fadeout.core import dates
from fadeout.policy.outcomes import Activity, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fadeout.recency.queries import Exclusion
    from fadeout.recency.sheets import Stay


@dataclass(frozen=True)
class Said:
    """The answer in one sentence, what belongs to it, and every other reason to keep the contact.

    The reasons follow the sentence that they explain: the first, or the last of those that belong to it.
    """

    headline: str
    more: tuple[str, ...]
    reasons: tuple[str, ...]
    reasons_last: bool


def said(stay: Stay, organisations: Mapping[str, str]) -> Said:
    """All that is to be said about how long a contact stays; organisations are called by their names."""
    reasons = reasons_of(stay.reasons, stay.exclusions, organisations)
    return Said(
        _headline(stay, len(reasons)), tuple(_more(stay)), tuple(reasons), stay.is_kept_by_recency
    )


def reasons_of(
    reasons: tuple[Reason, ...],
    exclusions: tuple[Exclusion, ...],
    organisations: Mapping[str, str],
) -> list[str]:
    """A sentence for each thing that keeps a contact beside being active, with amount, name or day."""
    told = []
    for reason in reasons:
        behind = [exclusion for exclusion in exclusions if exclusion.reason == reason]
        if behind:
            told += [_behind(reason, exclusion, organisations) for exclusion in behind]
        elif reason in PLAIN:
            told.append(str(PLAIN[reason]))
    return told


def _headline(stay: Stay, count: int) -> str:
    if stay.is_kept_by_recency:
        return _kept_by_recency(stay)
    days = {"due": day(stay.due_on)}
    if stay.outcome is Outcome.DELETE:
        return _("Has been past the limit since %(due)s: the next run would delete it.") % days
    if stay.outcome is Outcome.ANONYMISE:
        return _("Has been past the limit since %(due)s: the next run would anonymise it.") % days
    if len(stay.reasons) == 1:
        return str(KEPT_BY[stay.reasons[0]]) % days
    return ngettext(
        "Has been past the limit since %(due)s, but stays for %(count)s reason.",
        "Has been past the limit since %(due)s, but stays for %(count)s reasons.",
        count,
    ) % {**days, "count": count}


def _kept_by_recency(stay: Stay) -> str:
    if stay.stays_until is None:
        return _(
            "Stays for good: its recency, %(day)s, is past the limit only beyond the calendar."
        ) % {"day": day(stay.recency_on)}
    return _by_activity(stay, STAYS, STAYS_BY_VALIDITY) % {
        "until": day(stay.stays_until), "day": day(stay.recency_on),
    }  # fmt: skip


def _more(stay: Stay) -> list[str]:
    told = []
    if not stay.is_kept_by_recency or stay.stays_until is None:
        told.append(_by_activity(stay, LAST, LAST_BY_VALIDITY) % {"day": day(stay.recency_on)})
    told.append(str(KEEPS_FOR % {"months": stay.months}))
    told.append(_what_follows(stay))
    return told


def _what_follows(stay: Stay) -> str:
    days = {"due": day(stay.due_on)}
    if stay.is_kept_by_recency and stay.due_on is None:
        return _("No run will strike it, whatever the day.")
    if stay.is_kept_by_recency and len(stay.reasons) > 1:
        return (
            _(
                "Without new activity it is past the limit on %(due)s, and stays while there is reason:"
            )
            % days
        )
    if stay.is_kept_by_recency:
        return str(DELETED_LATER if stay.is_prospect else ANONYMISED_LATER) % days
    if stay.outcome is Outcome.KEEP:
        return str(DELETED_OTHERWISE if stay.is_prospect else ANONYMISED_OTHERWISE)
    return str(DELETED_NOW if stay.is_prospect else ANONYMISED_NOW)


def _behind(reason: Reason, exclusion: Exclusion, organisations: Mapping[str, str]) -> str:
    sentences = BEHIND_UNTIL if exclusion.until else BEHIND
    sentence = sentences.get(reason, PLAIN[reason])
    return str(sentence) % {
        "detail": _amount(exclusion.detail) if reason in MONEY else exclusion.detail,
        "organisation": organisations.get(exclusion.organisation or "", exclusion.organisation),
        "until": day(exclusion.until),
    }


def _amount(detail: str) -> str:
    """Amount and currency; who owes it to whom is said beside it."""
    amount, currency = detail.split()
    return f"{number_format(abs(Decimal(amount)))}\u00a0{currency}"


def _by_activity(stay: Stay, plain: dict[Activity, Any], by_validity: dict[Activity, Any]) -> str:
    counts_by_validity = stay.behind is not None and stay.behind.because == "validity_end"
    if counts_by_validity and stay.activity in by_validity:
        return str(by_validity[stay.activity])
    return str(plain[stay.activity])


def day(value: date | None) -> str:
    """A day as people write it; non-breaking, so that it stays on one line."""
    return dates.written(value).replace(" ", "\u00a0") if value else ""
