"""Why a renewal cannot be begun or go on: codes for the console, sentences for everybody."""

from __future__ import annotations

from enum import StrEnum

from fadeout.core.errors import BadInput


class Why(StrEnum):
    """The codes."""

    NAME_EMPTY = "name_empty"
    NAME_LONG = "name_long"
    NAME_TAKEN = "name_taken"
    MONTHS = "months"
    WITHIN = "within"
    NO_SENDER = "no_sender"
    UNKNOWN = "unknown"
    NOT_MADE = "not_made"


_SENTENCES = {
    Why.NAME_EMPTY: ("A renewal needs a name.", "Call it after the time it is for."),
    Why.NAME_LONG: ("The name is too long.", "Make it shorter."),
    Why.NAME_TAKEN: ("There is a renewal of this name already.", "Give it another one."),
    Why.MONTHS: (
        "The simulation needs a period of 1 to 1,200 months.",
        "Take one shorter than the policy's, such as 24.",
    ),
    Why.WITHIN: ("Due within 1 to 1,200 months is what can be asked.", "Take 12, or 3."),
    Why.NO_SENDER: (
        "The letter needs an address that it comes from.",
        "Give one, or set FADEOUT_MAIL_FROM.",
    ),
    Why.UNKNOWN: ("There is no such renewal.", "fadeout renewal list shows all."),
    Why.NOT_MADE: ("This renewal is not made yet.", "Let it go on first."),
}


class RenewalRefused(BadInput):
    """``why`` is the code, ``field`` the place that it is about."""

    def __init__(self, why: Why, field: str | None = None) -> None:
        message, way_out = _SENTENCES[why]
        super().__init__(message, way_out=way_out)
        self.why = why
        self.field = field
