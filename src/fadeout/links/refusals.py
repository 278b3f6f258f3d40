"""Why something cannot be done with a tracked link: codes for the console, sentences for everybody."""

from __future__ import annotations

from enum import StrEnum

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
    Why.UNKNOWN: ("There is no such tracked link.", "fadeout link list shows all."),
    Why.RETIRED: ("This link is retired. Nothing was changed.", "Make a new one."),
    Why.NAME_EMPTY: ("A link needs a name.", "Call it after what it is for."),
    Why.NAME_LONG: (
        "The name is too long, or has characters that no text has.",
        "Make it shorter.",
    ),
    Why.NAME_TAKEN: ("There is a link of this name already.", "Give it another one."),
    Why.NOT_AN_ADDRESS: (
        "The destination is not an address.",
        "Write it like https://tickets.example.org/season.",
    ),
    Why.NOT_OF_THE_WEB: (
        "The destination is no page of the web.",
        "Give an address that begins with https:// (or http://).",
    ),
    Why.CREDENTIALS: (
        "The destination carries a user name or a password.",
        "Whoever clicks would see it: take it out.",
    ),
    Why.TOO_LONG: ("The destination is too long.", "Give one of at most 2,000 characters."),
    Why.LEADS_TO_ITSELF: (
        "The destination is itself a tracked link of this house.",
        "Give the page that it is to lead to.",
    ),
}


class LinkRefused(BadInput):
    """``why`` is the code, ``field`` the place that it is about."""

    def __init__(self, why: Why) -> None:
        message, way_out = _SENTENCES[why]
        super().__init__(message, way_out=way_out)
        self.why = why
        self.field = "name" if why.value.startswith("name_") else "destination"
