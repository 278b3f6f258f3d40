"""Why something cannot be done with a target; and mistakes in conditions, told with their place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fadeout.core.errors import BadInput
from fadeout.targets import words
from fadeout.targets.conditions import Mistake


class Refusal(StrEnum):
    """The codes."""

    UNKNOWN = "unknown"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    CHANGED_MEANWHILE = "changed_meanwhile"
    MADE_ALREADY = "made_already"
    FROZEN = "frozen"
    NEEDED = "needed"


_SENTENCES = {
    Refusal.UNKNOWN: (_("There is no such target."), _("It may have been removed meanwhile.")),
    Refusal.NAME_MISSING: (_("A target needs a name."), ""),
    Refusal.NAME_TOO_LONG: (_("The name is too long."), _("Make it shorter.")),
    Refusal.NAME_TAKEN: (_("There is a target of this name already."), _("Give it another one.")),
    Refusal.CHANGED_MEANWHILE: (
        _("Somebody changed the target meanwhile. Nothing was changed."),
        _("Look at it as it is now."),
    ),
    Refusal.MADE_ALREADY: (_("This target was made already."), _("It is on the list of targets.")),
    Refusal.FROZEN: (
        _("The target was frozen when it was made: only its name can be changed."),
        _("Make another one."),
    ),
    Refusal.NEEDED: (
        _("Something else needs this target. Nothing was removed."),
        _("Change or remove that first."),
    ),
}


class TargetRefused(BadInput):
    """Something that cannot be done with a target, by its code; ``needed_by`` are names of targets."""

    def __init__(self, code: Refusal, *, needed_by: Sequence[str] = ()) -> None:
        message, way_out = map(str, _SENTENCES[code])
        if needed_by:
            named = {"targets": ", ".join(needed_by)}
            way_out = gettext("Change or remove these targets first: %(targets)s.") % named
        super().__init__(message, way_out=way_out)
        self.code = code
        self.needed_by = tuple(needed_by)


class ConditionsRefused(BadInput):
    """Conditions with mistakes: all of them, each with its place."""

    def __init__(self, mistakes: Sequence[Mistake], data: object = None) -> None:
        told = [f"{words.place(m.path, data)}: {words.fault(m)}" for m in mistakes]
        super().__init__("\n".join(told), way_out=gettext("Nothing was changed."))
        self.mistakes = tuple(mistakes)
