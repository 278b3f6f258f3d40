"""Plans to forget contacts named by hand: what becomes of each, what forbids it, what only warns.

What could go wrong, and what prevents it:

- A number is mistyped, and somebody else or nobody is meant: each number that is not on file is told,
  by its place and its shape alone, and then nothing at all is planned.
- Somebody is erased who must not be: the one statement that decides tells every reason; those that
  forbid leave the contact out, and a run decides again under the locks.
- Somebody looks at what would happen and says no: until it is confirmed nothing is stored, so that no
  plan is left behind that names them and that somebody else might carry out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from fadeout.core import sql
from fadeout.core.errors import BadInput
from fadeout.core.shapes import masked
from fadeout.plans import listed
from fadeout.plans.listed import ListedRow, Preview
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import FORBIDDING, Outcome, PlanKind, Reason, by_hand
from fadeout.recency.queries import Decision, Question, decide

if TYPE_CHECKING:
    from fadeout.institution.models import Institution, Operator, PolicyVersion

AT_ONCE = 5_000
SHOWN = 20


@dataclass(frozen=True)
class Named:
    """A contact number and where it was given: ``line 3``, ``argument 1``."""

    place: str
    number: str


class NotForgotten(BadInput):
    """Numbers that cannot be used, the first of them named by place and shape; nothing was changed."""

    def __init__(self, problems: Sequence[str], count: int) -> None:
        more = f"\nand {count - len(problems)} more" if count > len(problems) else ""
        super().__init__(
            "\n".join(["These contact numbers cannot be used:", *problems]) + more,
            way_out="Nothing was changed. Mend the list and give it again.",
        )


@dataclass(frozen=True)
class Forgetting:
    """Contacts named by hand, and what is to become of each. Nothing of it is stored yet."""

    rows: tuple[ListedRow, ...]
    question: Question
    policy: PolicyVersion

    def preview(self, *, by: Operator, now: datetime) -> Preview:
        """The plan that this would be, to be looked at; it is not kept.

        Raises:
            DidNotHold: contacts were deleted meanwhile.
        """
        return listed.preview(
            PlanKind.FORGET, self.question, self.rows, policy=self.policy, by=by, now=now
        )

    def plan(self, *, by: Operator, now: datetime) -> Plan:
        """Keep it as a plan.

        Raises:
            DidNotHold: contacts were deleted meanwhile.
        """
        with listed.new_plan(
            PlanKind.FORGET, self.question, policy=self.policy, by=by, now=now
        ) as plan:
            plan.add(self.rows)
        return plan.plan


def decided(
    named: Sequence[Named], *, house: Institution, policy: PolicyVersion, today: date
) -> Forgetting:
    """What is to become of each of these contacts; one given twice is there once.

    Raises:
        NotForgotten: some are not on file.
    """
    question = Question(as_of=today, months=policy.months, time_zone=house.time_zone)
    pieces = _in_pieces(_contacts(named))
    rows = tuple(_row(decision) for some in pieces for decision in decide_some(question, some))
    return Forgetting(rows, question, policy)


def plan_forgetting(  # noqa: PLR0913 - what a plan is made of
    named: Sequence[Named],
    *,
    house: Institution,
    policy: PolicyVersion,
    by: Operator,
    today: date,
    now: datetime,
) -> Plan:
    """A plan of what becomes of each of these contacts.

    Raises:
        NotForgotten: some are not on file.
        DidNotHold: contacts were deleted meanwhile.
    """
    return decided(named, house=house, policy=policy, today=today).plan(by=by, now=now)


def decide_some(question: Question, contacts: Sequence[int]) -> list[Decision]:
    """What the one statement says of these contacts."""
    return decide(
        as_of=question.as_of,
        months=question.months,
        time_zone=question.time_zone,
        contact_ids=sorted(contacts),
    )


def reasons_by_hand(decision: Decision) -> tuple[str, ...]:
    """Every reason that forbids or warns, in order; not the request that asks for this very thing."""
    own = (Reason.REQUEST.value,) if decision.erasure_asked else ()
    to_come = (Reason.SALE_TO_COME.value,) if decision.sale_to_come else ()
    return (*(reason for reason in decision.reasons if reason not in own), *to_come)


def outcome_by_hand(decision: Decision) -> Outcome:
    """What becomes of a contact that somebody names."""
    return by_hand(
        forbidden=not FORBIDDING.isdisjoint(reasons_by_hand(decision)),
        bought_or_benefited=decision.bought_or_benefited,
    )


def _row(decision: Decision) -> ListedRow:
    return ListedRow(
        contact_id=decision.contact_id,
        outcome=outcome_by_hand(decision),
        recency_on=decision.recency_on,
        activity=decision.activity,
        reasons=reasons_by_hand(decision),
    )


def _contacts(named: Sequence[Named]) -> list[int]:
    """The contacts that are meant, each once."""
    if not named:
        raise BadInput("No contact number was given. Nothing was changed.")
    found = dict(
        sql.rows(
            sql.load("plans", "select_contacts_by_number"),
            {"numbers": sorted({n.number for n in named if _can_be_asked_for(n.number)})},
        )
    )
    unknown = [one for one in named if one.number not in found]
    if unknown:
        problems = [f"{one.place}: no such contact, value {masked(one.number)}" for one in unknown]
        raise NotForgotten(problems[:SHOWN], len(problems))
    return sorted(set(found.values()))


def _can_be_asked_for(number: str) -> bool:
    """Whether PostgreSQL takes it: no NUL, no half of a pair of bytes."""
    return "\0" not in number and number.encode(errors="ignore").decode() == number


def _in_pieces(contacts: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(contacts), AT_ONCE):
        yield contacts[start : start + AT_ONCE]
