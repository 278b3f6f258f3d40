"""What audits, brakes and what becomes of columns are called for people; in the record they have codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Action
from fadeout.runs.brakes import Brake

if TYPE_CHECKING:
    from django.utils.functional import Promise

LEFT_IN = "rows left of anonymised contacts in "
RESIDUE_IN = "residue left in "

BRAKES: Mapping[str, Promise | str] = {
    Brake.NOT_APPROVED: pgettext_lazy("brake", "not approved"),
    Brake.APPROVED_BY_AUTHOR: pgettext_lazy("brake", "approved by its author alone"),
    Brake.TOO_OLD: pgettext_lazy("brake", "too old"),
    Brake.POLICY_CHANGED: pgettext_lazy("brake", "policy changed since"),
    Brake.TOO_LARGE_A_SHARE: pgettext_lazy("brake", "too large a share of all contacts"),
    Brake.TOO_MUCH_GROWTH: pgettext_lazy("brake", "many more than last time"),
}
#: What anonymisation leaves of a column.
STAYS: Mapping[str, Promise | str] = {
    Action.KEEP: pgettext_lazy("fate", "stays"),
    Action.YEAR_START: pgettext_lazy("fate", "1 January of its year"),
    Action.COARSEN: pgettext_lazy("fate", "made coarse"),
}


@dataclass(frozen=True)
class Audit:
    """What an audit looked for, and in which table or column, where it is about one."""

    name: str
    place: str = ""


def audit(code: str) -> Audit:
    """An audit by the name that it has in the record; one that nobody knows (any more) keeps that."""
    if code.startswith(LEFT_IN):
        table = code.removeprefix(LEFT_IN)
        return Audit(_("Left of anonymised contacts: %(table)s") % {"table": about(table)}, table)
    if code.startswith(RESIDUE_IN):
        column = code.removeprefix(RESIDUE_IN)
        return Audit(about(column.partition(".")[0]), column)
    return Audit(_audits().get(code, code))


def about(table: str) -> str:
    """What a table holds; its name if the catalogue does not know it (any more)."""
    declared = declaration.tables().get(table)
    return _(declared.about) if declared else table


def brake(code: str) -> str:
    """A brake by its code."""
    return str(BRAKES.get(code, code.replace("_", " ")))


def becomes(action: str) -> str:
    """What anonymisation makes of a column that it leaves."""
    return str(STAYS.get(action, action))


def _audits() -> dict[str, str]:
    return {
        "contacts left to strike": _("Contacts left to strike"),
        "rows of the plan that are not those approved": _(
            "Rows of the plan that are not those approved"
        ),
        "rows struck that still say who": _("Rows of struck contacts that still say who it was"),
        "expired tickets that still hold what was typed": _(
            "Old tickets that still hold what was typed on them"
        ),
        "orders changed": _("Number of orders changed"),
        "lines changed": _("Number of order lines changed"),
        "prices changed": _("Sum of prices changed"),
        "answers changed": _("Number of answers changed"),
        "payments changed": _("Number of payments changed"),
        "paid changed": _("Sum of payments changed"),
        "account_entries changed": _("Number of account entries changed"),
        "booked changed": _("Sum of account entries changed"),
    }
