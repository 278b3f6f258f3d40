"""Why a contact cannot be looked at or changed: by codes, each with a sentence."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

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
    Why.NOT_ON_FILE: (
        _("There is no such contact on file."),
        _("It may have been erased meanwhile."),
    ),
    Why.CHANGED_MEANWHILE: (
        _("Somebody changed this meanwhile. Nothing was changed."),
        _("Look at it as it is now, and change it again."),
    ),
    Why.LATER_CHANGE_ON_FILE: (
        _("A change dated later is on file, which stays in force. Nothing was changed."),
        _("Correct its date in the system that it came from, and import it again."),
    ),
    Why.EMPTY: (_("Something that is needed is empty. Nothing was changed."), _("Fill it in.")),
    Why.TOO_LONG: (_("A text is too long. Nothing was changed."), _("Make it shorter.")),
    Why.NOT_A_TEXT: (
        _("A text has characters that no text has. Nothing was changed."),
        _("Type it again."),
    ),
    Why.ENDED_ALREADY: (
        _("The last day of the hold is over. Nothing was changed."),
        _("Give today or a later day, or none; to end a hold, lift it."),
    ),
    Why.HELD_ALREADY: (
        _("There is a hold of this reason already. Nothing was changed."),
        _("Change that one."),
    ),
    Why.NOT_THERE: (
        _("It is not there any more. Nothing was changed."),
        _("Look at the contact again."),
    ),
    Why.BELONGS_TO_REQUEST: (
        _("This hold belongs to a request of the contact. Nothing was changed."),
        _("Answer the request: the hold ends with it."),
    ),
    Why.NOT_OFFERED: (
        _("The house does not offer this. Nothing was changed."),
        _("Look at the page again."),
    ),
    Why.OFFERED_ALREADY: (
        _("This is offered already. Nothing was changed."),
        _("Change that one."),
    ),
    Why.TOO_MANY: (_("These are too many. Nothing was changed."), _("Offer fewer.")),
}


class Refused(BadInput):
    """``why`` is the code; the sentence names nobody. ``field`` is the place, where there are several."""

    def __init__(self, why: Why, field: str | None = None) -> None:
        message, way_out = _SENTENCES[why]
        super().__init__(str(message), way_out=str(way_out))
        self.why = why
        self.field = field
