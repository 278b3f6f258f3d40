"""Why a contact cannot be looked at or changed: codes for the console, sentences for everybody else."""

from __future__ import annotations

from enum import StrEnum

from fadeout.core.errors import BadInput


class Why(StrEnum):
    """The codes."""

    #: There is no such contact (any more): never was, deleted or anonymised; nobody is told which.
    NOT_ON_FILE = "not_on_file"
    #: Somebody changed it since it was shown.
    CHANGED_MEANWHILE = "changed_meanwhile"
    #: A row dated later is on file: a change made now would not be in force.
    LATER_CHANGE_ON_FILE = "later_change_on_file"
    #: Something is missing that is needed.
    EMPTY = "empty"
    TOO_LONG = "too_long"
    #: Characters that no text has.
    NOT_A_TEXT = "not_a_text"
    #: A hold that would have ended already.
    ENDED_ALREADY = "ended_already"
    #: There is a hold of this reason.
    HELD_ALREADY = "held_already"
    #: A hold that a request for erasure put up: it ends with the request.
    BELONGS_TO_REQUEST = "belongs_to_request"
    #: Something that the house does not offer (any more).
    NOT_OFFERED = "not_offered"
    #: The same twice.
    OFFERED_ALREADY = "offered_already"
    TOO_MANY = "too_many"
    #: There is no such hold or note of this contact (any more).
    NOT_THERE = "not_there"


_SENTENCES = {
    Why.NOT_ON_FILE: ("There is no such contact on file.", "It may have been erased meanwhile."),
    Why.CHANGED_MEANWHILE: (
        "Somebody changed this meanwhile. Nothing was changed.",
        "Look at it as it is now, and change it again.",
    ),
    Why.LATER_CHANGE_ON_FILE: (
        "A change dated later is on file, which stays in force. Nothing was changed.",
        "Correct its date in the system that it came from, and import it again.",
    ),
    Why.EMPTY: ("Something that is needed is empty. Nothing was changed.", "Fill it in."),
    Why.TOO_LONG: ("A text is too long. Nothing was changed.", "Make it shorter."),
    Why.NOT_A_TEXT: (
        "A text has characters that no text has. Nothing was changed.",
        "Type it again.",
    ),
    Why.ENDED_ALREADY: (
        "The last day of the hold is over. Nothing was changed.",
        "Give today or a later day, or none; to end a hold, lift it.",
    ),
    Why.HELD_ALREADY: (
        "There is a hold of this reason already. Nothing was changed.",
        "Change that one.",
    ),
    Why.BELONGS_TO_REQUEST: (
        "This hold belongs to a request of the contact. Nothing was changed.",
        "Answer the request: the hold ends with it.",
    ),
    Why.NOT_OFFERED: (
        "The house does not offer this. Nothing was changed.",
        "Look at the page again.",
    ),
    Why.OFFERED_ALREADY: (
        "This is offered already. Nothing was changed.",
        "Change that one.",
    ),
    Why.TOO_MANY: ("These are too many. Nothing was changed.", "Offer fewer."),
    Why.NOT_THERE: ("It is not there any more. Nothing was changed.", "Look at the contact again."),
}


class Refused(BadInput):
    """``why`` is the code; the sentence names nobody. ``field`` is the place, where there are several."""

    def __init__(self, why: Why, field: str | None = None) -> None:
        message, way_out = _SENTENCES[why]
        super().__init__(message, way_out=way_out)
        self.why = why
        self.field = field
