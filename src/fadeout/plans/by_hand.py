"""What would become of one contact that somebody names: looked at beforehand, nothing is planned yet."""

from __future__ import annotations

from dataclasses import dataclass

from fadeout.plans.forgetting import decide_some, outcome_by_hand, reasons_by_hand
from fadeout.policy.outcomes import FORBIDDING, Outcome, Reason
from fadeout.recency.queries import Question


@dataclass(frozen=True)
class Effect:
    """Whether the contact would be deleted or anonymised, what forbids it, and what only warns.

    ``is_asked``: the contact asked for it themselves.
    """

    outcome: Outcome
    forbidding: tuple[Reason, ...]
    warning: tuple[Reason, ...]
    is_asked: bool = False

    @property
    def mark(self) -> str:
        """What was shown, in codes: a form carries it, and who confirms it confirms no other effect."""
        asked = ("asked",) if self.is_asked else ()
        return "|".join((self.outcome, *self.forbidding, *self.warning, *asked))


def effect(contact_id: int, question: Question) -> Effect | None:
    """None if the contact is not on file any more."""
    for decision in decide_some(question, [contact_id]):
        reasons = tuple(map(Reason, reasons_by_hand(decision)))
        return Effect(
            outcome=outcome_by_hand(decision),
            forbidding=tuple(reason for reason in reasons if reason in FORBIDDING),
            warning=tuple(reason for reason in reasons if reason not in FORBIDDING),
            is_asked=decision.erasure_asked,
        )
    return None
