"""The words of the decision, in the order in which they are printed (rule book, section 3)."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of a contact."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"


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
