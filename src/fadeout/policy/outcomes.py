"""The words of the decision, in the order in which they are printed (rule book, section 3)."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of a contact."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"


class PlanKind(StrEnum):
    """What a plan is for: the rule, somebody named by hand, or whoever a restore brought back."""

    INACTIVITY = "inactivity"
    FORGET = "forget"
    REPLAY = "replay"


class Activity(StrEnum):
    """What last moved a contact's recency; of several on one day the first here is named."""

    OPTION_ACQUIRED = "option_acquired"
    OPTION_CONFIRMED = "option_confirmed"
    RESERVATION = "reservation"
    SALE = "sale"
    WAITING_LIST = "waiting_list"
    CLICK = "click"
    CRITERION = "criterion"
    AUTHORISATION = "authorisation"
    CREATED = "created"


class Reason(StrEnum):
    """Why a contact is kept; every one that applies is listed, in this order."""

    ACTIVE = "active"
    DEBTOR = "debtor"
    CREDITOR = "creditor"
    STRUCTURE = "structure"
    ROLE = "role"
    HOLD = "hold"
    RESTRICTION = "restriction"
    REQUEST = "request"
    OPEN_ORDER = "open_order"
    #: By hand alone: the rule asks for the end of its validity instead.
    SALE_TO_COME = "sale_to_come"


#: By hand these forbid, all others only warn (rule book, section 3).
FORBIDDING = frozenset(
    {
        Reason.DEBTOR,
        Reason.CREDITOR,
        Reason.HOLD,
        Reason.RESTRICTION,
        Reason.REQUEST,
        Reason.OPEN_ORDER,
        Reason.SALE_TO_COME,
    }
)


def reasons_of(kind: str) -> tuple[Reason, ...]:
    """The reasons that can keep somebody on a plan of this kind, in order."""
    by_hand_too = kind == PlanKind.FORGET
    return tuple(r for r in Reason if by_hand_too or r is not Reason.SALE_TO_COME)


def by_hand(*, forbidden: bool, bought_or_benefited: bool) -> Outcome:
    """What becomes of somebody who is named by hand."""
    if forbidden:
        return Outcome.KEEP
    return Outcome.ANONYMISE if bought_or_benefited else Outcome.DELETE
