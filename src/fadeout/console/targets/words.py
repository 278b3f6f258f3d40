"""What a refusal means to whoever filled in a form about targets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from fadeout.targets.refusals import Refusal

REFUSALS = {
    Refusal.UNKNOWN: _("This target is not there any more."),
    Refusal.NAME_MISSING: _("Give it a name."),
    Refusal.NAME_TOO_LONG: _("This name is too long. Make it shorter."),
    Refusal.NAME_TAKEN: _("There is a target of this name already. Give it another one."),
    Refusal.FROZEN: _("It was frozen when it was made: only its name can be changed."),
    Refusal.NEEDED: _("Something else needs this target. Change or remove that first."),
}
