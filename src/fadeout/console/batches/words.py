"""What codes of batches are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.batches import carrying, operations
from fadeout.batches.models import BatchKind, Mode, Outcome
from fadeout.batches.schedule import Fault
from fadeout.console.frame import words
from fadeout.runs.brakes import Brake

if TYPE_CHECKING:
    from django.utils.functional import Promise

KINDS = {BatchKind.INACTIVE_CONTACTS: _("Deletion/anonymisation of inactive contacts")}

MODES = {
    Mode.SIMULATION: pgettext_lazy("batch", "simulation"),
    Mode.REAL: pgettext_lazy("batch", "for real"),
}

#: How an occurrence ended, and the look of its tag.
OUTCOMES = {
    Outcome.SIMULATED: (pgettext_lazy("batch", "simulated"), "good"),
    Outcome.WAITS: (pgettext_lazy("batch", "waits for a second person"), "waiting"),
    Outcome.HELD: (pgettext_lazy("batch", "held back"), "waiting"),
    Outcome.DONE: (pgettext_lazy("batch", "done"), "good"),
    Outcome.INCOMPLETE: (pgettext_lazy("batch", "incomplete"), "bad"),
    Outcome.PAUSED: (pgettext_lazy("batch", "paused"), "waiting"),
    Outcome.CANCELLED: (pgettext_lazy("batch", "cancelled"), "waiting"),
    Outcome.FAILED: (pgettext_lazy("batch", "failed"), "bad"),
}

#: What held the plan of an occurrence back.
BRAKES = {
    Brake.NOT_APPROVED: _("The plan is not approved."),
    Brake.APPROVED_BY_AUTHOR: _("A second person has to approve the plan."),
    Brake.TOO_OLD: _("The plan is too old."),
    Brake.POLICY_CHANGED: _("The policy has changed since the plan was made."),
    Brake.TOO_LARGE_A_SHARE: _(
        "The plan strikes a larger share of all contacts than the policy lets it."
    ),
    Brake.TOO_MUCH_GROWTH: _("The plan strikes far more contacts than the last run."),
}

FAILURES: Mapping[str, Promise | str] = {
    carrying.NOT_SET_UP: _("The vault is not set up, so nothing was run."),
    carrying.ADMINISTRATOR_LEFT: _(
        "Whoever let it run for real has left or is no administrator any more, so nothing was run."
    ),
    carrying.STOPPED: _(
        "Meanwhile somebody changed the batch, turned it off, let it simulate again or deleted it,"
        " so nothing was run."
    ),
    operations.RESTORED: _("The database was restored meanwhile, so it was not gone on with."),
    **words.FAILURES,
}

#: What a schedule has to be, told at its field, with an example.
FAULTS = {
    Fault.FIELDS: _(
        "A schedule has five fields with a space between: minute, hour, day of the month, month,"
        " day of the week. For 03:00 on the first of each month: 0 3 1 * *"
    ),
    Fault.MINUTE: _("The first field is the minute, 0 to 59: 30, say, for half past."),
    Fault.HOUR: _("The second field is the hour, 0 to 23: 3, or 8-18 for every hour from 8 to 18."),
    Fault.DAY: _(
        "The third field is the day of the month, 1 to 31: 1, or 1,15, or L for the last one."
    ),
    Fault.MONTH: _("The fourth field is the month, 1 to 12: 6, or 1-6, or * for every month."),
    Fault.WEEKDAY: _(
        "The fifth field is the day of the week, 0 (Sunday) to 6: 1 for Monday, or 1-5."
    ),
    Fault.TOO_OFTEN: _(
        "That is more than once an hour, and each time all contacts are decided on."
        " For once an hour, at half past: 30 * * * *"
    ),
    Fault.NEVER: _("That day never comes. For 03:00 on the last day of February: 0 3 L 2 *"),
}
