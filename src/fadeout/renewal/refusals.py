"""Why a renewal cannot be begun or go on: codes for the console, sentences for everybody."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

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
    Why.NAME_EMPTY: (_("A renewal needs a name."), _("Call it after the time it is for.")),
    Why.NAME_LONG: (_("The name is too long."), _("Make it shorter.")),
    Why.NAME_TAKEN: (_("There is a renewal of this name already."), _("Give it another one.")),
    Why.MONTHS: (
        _("The simulation needs a period of 1 to 1,200 months."),
        _("Take one shorter than the policy's, such as 24."),
    ),
    Why.WITHIN: (
        _("Due within 1 to 1,200 months is what can be asked."),
        _("Take 12, or 3."),
    ),
    Why.NO_SENDER: (
        _("The letter needs an address that it comes from."),
        _("Whoever looks after Fadeout sets FADEOUT_MAIL_FROM."),
    ),
    Why.UNKNOWN: (_("There is no such renewal."), _("fadeout renewal list shows all.")),
    Why.NOT_MADE: (_("This renewal is not made yet."), _("Let it go on first.")),
}


_FIELDS = {
    Why.NAME_EMPTY: "name",
    Why.NAME_LONG: "name",
    Why.NAME_TAKEN: "name",
    Why.MONTHS: "months",
    Why.WITHIN: "within",
}


class RenewalRefused(BadInput):
    """``why`` is the code, ``field`` the place that it is about."""

    def __init__(self, why: Why) -> None:
        message, way_out = _SENTENCES[why]
        super().__init__(str(message), way_out=str(way_out))
        self.why = why
        self.field = _FIELDS.get(why)
