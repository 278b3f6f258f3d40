"""What becomes of a column once its contact is erased, in one word: for whoever shows the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from fadeout.core import sql
from fadeout.core.catalogue.declaration import Action, Column, Reach, RowAction, Table

#: Tables of which what is typed on old tickets is emptied whatever the contact's own recency.
EXPIRING = (Reach.ORDER, Reach.LINE, Reach.BOUGHT_LINE)


class OfRow(StrEnum):
    """What becomes of a column with the row that it stands in."""

    REMOVED = "row removed"
    REMOVED_AND_UNLINKED = "row removed; links of others emptied"


Fate = Action | OfRow


def of(table: Table, rows: RowAction, action: Action) -> Fate:
    """What becomes of a column.

    Args:
        table: where it stands.
        rows: what becomes of the row.
        action: what becomes of it in a row that stays.
    """
    if table.reach is Reach.NONE:
        return Action.KEEP
    if rows is not RowAction.REMOVE:
        return action
    return OfRow.REMOVED_AND_UNLINKED if action is Action.UNLINK else OfRow.REMOVED


def empties_when_old(table: Table, column: Column) -> bool:
    """Whether it is emptied on old tickets, too."""
    return table.reach in EXPIRING and column.anonymisation is Action.EMPTY


def estimated_rows(tables: Sequence[str]) -> dict[str, int | None]:
    """About how many rows these tables have; nothing of those that were never counted."""
    return dict(sql.rows(sql.load("core", "estimate_rows"), {"tables": list(tables)}))
