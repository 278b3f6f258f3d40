"""Why something cannot be done with a tracked link: by codes, each with a sentence."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from fadeout.core.errors import BadInput


class Why(StrEnum):
    """The codes."""

    UNKNOWN = "unknown"
    RETIRED = "retired"
    NAME_EMPTY = "name_empty"
    NAME_LONG = "name_long"
    NAME_TAKEN = "name_taken"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_OF_THE_WEB = "not_of_the_web"
    CREDENTIALS = "credentials"
    TOO_LONG = "too_long"
    LEADS_TO_ITSELF = "leads_to_itself"


_SENTENCES = {
    Why.UNKNOWN: _("There is no such tracked link."),
    Why.RETIRED: _("This link is retired. Nothing was changed."),
    Why.NAME_EMPTY: _("Give the link a name."),
    Why.NAME_LONG: _("This name is too long, or has characters that no text has."),
    Why.NAME_TAKEN: _("There is a link of this name already. Give this one another name."),
    Why.NOT_AN_ADDRESS: _(
        "That is not an address. Write it like https://tickets.example.org/season."
    ),
    Why.NOT_OF_THE_WEB: _("Give the address of a page: it begins with https:// or http://."),
    Why.CREDENTIALS: _(
        "This address carries a user name or a password, which whoever clicks would see. Take it out."
    ),
    Why.TOO_LONG: _("This address is too long: at most 2,000 characters."),
    Why.LEADS_TO_ITSELF: _(
        "This is a tracked link of this house. Give the page that it is to lead to."
    ),
}


class LinkRefused(BadInput):
    """``why`` is the code, ``field`` the place that it is about."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(_SENTENCES[why]))
        self.why = why
        self.field = "name" if why.value.startswith("name_") else "destination"
