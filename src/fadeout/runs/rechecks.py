"""What is decided again under the locks, for each kind of plan.

What could go wrong: a plan is carried out by a rule that is not its own. So the chunk engine is one and
the same for all plans, and asks here what may be struck:

- *by the rule*: what the one statement says now.
- *by hand*: what it says now, less the reasons that only warn.
- *again*: whoever has the very token of a contact that was erased, number and creation time. A number
  or a row id that somebody else has now is no such token. What kept the contact before it was erased
  is of no account any more; somebody who bought since, or whom somebody put on hold since, is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from fadeout.core import sql
from fadeout.keys.known import Erasure, KnownErasures
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import forgetting
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import Outcome, PlanKind
from fadeout.recency.queries import Decision, Question
from fadeout.vault import sealing

STRUCK = frozenset({Outcome.DELETE.value, Outcome.ANONYMISE.value})
NOT_ERASED = "not_erased"


@dataclass(frozen=True)
class Verdict:
    """What may become of a contact now, and why it is kept if that is not what the plan says.

    ``erasure`` is what is known of a contact that was erased before.
    """

    outcomes: frozenset[str]
    why_kept: str
    erasure: Erasure | None = None


class Recheck(Protocol):
    """How a kind of plan decides again."""

    @property
    def leaves_tokens(self) -> bool:
        """Whether those it strikes are not known as erased yet."""

    def days_of_expiry(self, today: date) -> set[date]:
        """The days on which sealed copies of those it strikes expire."""

    def decide_again(
        self, plan: Plan, *, time_zone: str, contacts: Sequence[int]
    ) -> Mapping[int, Verdict]:
        """The verdict on each of these contacts, which are locked; none on the anonymous."""


def of(plan: Plan, tokens: ErasedTokens) -> Recheck:
    """The one of this plan's kind."""
    if plan.kind == PlanKind.REPLAY:
        return Again(tokens)
    return ByHand() if plan.kind == PlanKind.FORGET else ByRule()


class First:
    """What strikes contacts for the first time."""

    leaves_tokens = True

    def days_of_expiry(self, today: date) -> set[date]:
        """Twelve months from today."""
        return {sealing.expires_on(today)}


class ByRule(First):
    """Whoever is inactive, and kept for no reason."""

    def decide_again(
        self, plan: Plan, *, time_zone: str, contacts: Sequence[int]
    ) -> Mapping[int, Verdict]:
        """What the one statement says now."""
        return {
            decision.contact_id: Verdict(
                outcomes=STRUCK & {decision.outcome},
                why_kept="|".join(decision.reasons) or decision.outcome,
            )
            for decision in _decide(plan, time_zone, contacts)
        }


class ByHand(First):
    """Whoever was named, unless a reason forbids it."""

    def decide_again(
        self, plan: Plan, *, time_zone: str, contacts: Sequence[int]
    ) -> Mapping[int, Verdict]:
        """What the one statement says now, by hand."""
        return {
            decision.contact_id: _verdict_by_hand(decision)
            for decision in _decide(plan, time_zone, contacts)
        }


class Again:
    """Whoever was erased already and is back."""

    leaves_tokens = False

    def __init__(self, tokens: ErasedTokens) -> None:
        self._tokens = tokens
        self._known = KnownErasures(tokens)

    def days_of_expiry(self, today: date) -> set[date]:
        """Those of then, as far as they are still to come."""
        return {day for day in self._known.days_of_expiry() if day > today}

    def decide_again(
        self, plan: Plan, *, time_zone: str, contacts: Sequence[int]
    ) -> Mapping[int, Verdict]:
        """Whether the token is that of an erased contact still, and nobody needs it since."""
        erased = self._erased(contacts)
        verdicts = dict.fromkeys(contacts, Verdict(frozenset(), NOT_ERASED))
        verdicts |= {contact: _verdict_again(erasure) for contact, erasure in erased.items()}
        verdicts |= self._doubted(plan, time_zone, erased)
        verdicts |= {
            contact: Verdict(frozenset(), reasons)
            for contact, reasons in needed_since(erased, as_of=plan.as_of, time_zone=time_zone)
        }
        return verdicts

    def _erased(self, contacts: Sequence[int]) -> dict[int, Erasure]:
        return {
            contact: erasure
            for contact, number, created_at in sql.rows(
                sql.load("runs", "contacts_for_tokens"), {"contacts": list(contacts)}
            )
            if (erasure := self._known.of(self._tokens.token(number, created_at)))
        }

    def _doubted(
        self, plan: Plan, time_zone: str, erased: Mapping[int, Erasure]
    ) -> Mapping[int, Verdict]:
        """Where nobody can tell whether the erasure was carried out, the rule decides."""
        doubted = [contact for contact, erasure in erased.items() if erasure.in_doubt]
        if not doubted:
            return {}
        verdicts = ByRule().decide_again(plan, time_zone=time_zone, contacts=doubted)
        return {c: replace(verdict, erasure=erased[c]) for c, verdict in verdicts.items()}


def needed_since(
    erased: Mapping[int, Erasure], *, as_of: date, time_zone: str
) -> list[tuple[int, str]]:
    """Contacts that bought, or were put on hold, after the day on which they were erased; and why."""
    days = [erasure.on for erasure in erased.values()]
    with sql.local_days(time_zone):
        found = sql.rows(
            sql.load("runs", "select_needed_since"),
            {"contacts": list(erased), "days": days, "as_of": as_of},
        )
    return [(contact, reasons) for contact, reasons in found]


def _verdict_by_hand(decision: Decision) -> Verdict:
    outcome = forgetting.outcome_by_hand(decision)
    reasons = forgetting.reasons_by_hand(decision)
    return Verdict(
        outcomes=STRUCK & {outcome.value},
        why_kept="|".join(reasons) if outcome is Outcome.KEEP else outcome.value,
    )


def _verdict_again(erasure: Erasure) -> Verdict:
    outcomes = STRUCK if erasure.outcome is None else frozenset({erasure.outcome})
    return Verdict(outcomes, why_kept=erasure.outcome or NOT_ERASED, erasure=erasure)


def _decide(plan: Plan, time_zone: str, contacts: Sequence[int]) -> list[Decision]:
    question = Question(as_of=plan.as_of, months=plan.months, time_zone=time_zone)
    return forgetting.decide_some(question, contacts)
