"""Why something cannot be done with a campaign: codes, and a sentence with a way out for each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from fadeout.core.errors import BadInput

if TYPE_CHECKING:
    from django.utils.functional import Promise


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


#: What is refused, the way out, and the one of whoever looks at a page where that is another.
_SENTENCES: Mapping[Why, tuple[Promise | str, ...]] = {
    Why.UNKNOWN: (
        _("There is no such campaign."),
        _("fadeout campaign list shows all."),
        _("It may have been removed meanwhile."),
    ),
    Why.NAME_TAKEN: (_("Another campaign has this name."), _("Choose another one.")),
    Why.EMPTY: (
        _("Something that is needed is empty."),
        _("Fill in: %(what)s."),
        _("Fill this in."),
    ),
    Why.TOO_LONG: (_("This is too long."), _("Make it shorter: %(what)s."), ""),
    Why.NOT_ONE_LINE: (_("This must be one line."), _("Take the line breaks out: %(what)s."), ""),
    Why.NOT_AN_ADDRESS: (
        _("This is no e-mail address."),
        _("Write it like news@example.org: %(what)s."),
        _("Write it like news@example.org."),
    ),
    Why.NOT_CONFIRMED: (
        _(
            "A campaign of this type goes to contacts who never said yes to it, and to those who said no: it "
            "must be directly about their own purchase or reservation."
        ),
        _("Confirm that with --about-a-purchase, or choose another type."),
        _("Confirm that, or choose another type."),
    ),
    Why.CHANGED_MEANWHILE: (
        _("Somebody changed this campaign meanwhile. Nothing was changed."),
        _("Look at it as it is now."),
    ),
    Why.NOT_A_DRAFT: (
        _("This campaign is no draft any more. Nothing was changed."),
        _("What is scheduled can be taken back; what is sent stays as it was sent."),
    ),
    Why.NOT_IN_THIS_STATE: (
        _("The campaign is not in a state in which that can be done. Nothing was changed."),
        _("fadeout campaign show tells where it stands."),
        "",
    ),
    Why.LINK_RETIRED: (_("One of the links was retired: %(what)s"), _("Choose another one.")),
    Why.IN_THE_PAST: (_("That moment is over."), _("Give one still to come, or send it now.")),
    Why.ANOTHER_NUMBER: (
        _("This is not the number of contacts who get it. Nothing was sent."),
        _("fadeout campaign audience tells how many they are."),
        "",
    ),
    Why.NOT_READY: (
        _("The campaign is not ready. Nothing was sent."),
        _("What is missing: %(what)s"),
    ),
    Why.NOTHING_IN_DOUBT: (_("No mail of this campaign is in doubt any more."), ""),
    Why.TAG: ("%(what)s", ""),
    Why.MARKUP: ("%(what)s", ""),
}


class Refused(BadInput):
    """``why`` is the code, ``field`` the place; ``what`` is what is meant, or said of a line of a text."""

    def __init__(self, why: Why, *, field: str = "", what: str = "") -> None:
        message, way_out, *on_page = (str(said) % {"what": what} for said in _SENTENCES[why])
        super().__init__(message, way_out=way_out, on_page=on_page[0] if on_page else None)
        self.why, self.field = why, field
