"""Why something cannot be done with a campaign: codes for the console, sentences for everybody else."""

from __future__ import annotations

from enum import StrEnum

from fadeout.campaigns.markup import MarkupError
from fadeout.campaigns.merge import MergeError
from fadeout.core.errors import BadInput


class Why(StrEnum):
    """The codes."""

    UNKNOWN = "unknown"
    NAME_TAKEN = "name_taken"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_ONE_LINE = "not_one_line"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_CONFIRMED = "not_confirmed"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NOT_A_DRAFT = "not_a_draft"
    NOT_IN_THIS_STATE = "not_in_this_state"
    LINK_RETIRED = "link_retired"
    IN_THE_PAST = "in_the_past"
    ANOTHER_NUMBER = "another_number"
    NOT_READY = "not_ready"
    NOTHING_IN_DOUBT = "nothing_in_doubt"
    TAG = "tag"
    MARKUP = "markup"


_SENTENCES = {
    Why.UNKNOWN: ("There is no such campaign.", "fadeout campaign list shows all."),
    Why.NAME_TAKEN: ("Another campaign has this name.", "Choose another one."),
    Why.EMPTY: ("Something that is needed is empty: {what}.", "Fill it in."),
    Why.TOO_LONG: ("A text is too long: {what}.", "Make it shorter."),
    Why.NOT_ONE_LINE: ("This must be one line: {what}.", "Take the line breaks out."),
    Why.NOT_AN_ADDRESS: (
        "This is not an e-mail address: {what}.",
        "Write it like news@example.org.",
    ),
    Why.NOT_CONFIRMED: (
        "A campaign of this type goes to contacts who never said yes to it, and to those who said no: it "
        "must be about their own purchase or reservation; confirm that.",
        "Give --about-a-purchase, or choose another type.",
    ),
    Why.CHANGED_MEANWHILE: (
        "Somebody changed the campaign meanwhile. Nothing was changed.",
        "Look at it as it is now.",
    ),
    Why.NOT_A_DRAFT: (
        "The campaign is no draft any more. Nothing was changed.",
        "Take it out of the schedule first; what is sent stays as it was sent.",
    ),
    Why.NOT_IN_THIS_STATE: ("The campaign is {what}: that cannot be done now.", ""),
    Why.LINK_RETIRED: ("A link of the campaign was retired: {what}.", "Choose another one."),
    Why.IN_THE_PAST: ("That moment is over.", "Give one still to come, or send it now."),
    Why.ANOTHER_NUMBER: (
        "That is not the number of contacts who would get it. Nothing was sent.",
        "fadeout campaign audience tells how many they are.",
    ),
    Why.NOT_READY: (
        "The campaign is not ready: {what}. Nothing was sent.",
        "fadeout campaign show tells what is missing.",
    ),
    Why.NOTHING_IN_DOUBT: ("No message of this campaign is in doubt.", ""),
    Why.TAG: ("{what}", "fadeout campaign tags lists the tags there are."),
    Why.MARKUP: ("{what}", "Mend that line, then save the text again."),
}


class Refused(BadInput):
    """``why`` is the code, ``field`` the place; ``cause`` tells of a text what is wrong in which line."""

    def __init__(
        self, why: Why, *, field: str = "", what: str = "", cause: MergeError | MarkupError | None = None
    ) -> None:  # fmt: skip
        message, way_out = _SENTENCES[why]
        super().__init__(message.format(what=what), way_out=way_out)
        self.why, self.field, self.what, self.cause = why, field, what, cause
