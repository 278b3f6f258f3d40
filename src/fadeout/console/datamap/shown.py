"""The catalogue as the page shows it: from the same declaration that the erasure runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fadeout.console.datamap.words import CLASSES, FATES, REACHES
from fadeout.core.catalogue import declaration, fates
from fadeout.core.catalogue.declaration import Column, Reach, Table

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True)
class ShownColumn:
    """A column, in words."""

    name: str
    data_class: Promise | str
    is_personal: bool
    deletion: Promise | str
    anonymisation: Promise | str
    when_old: bool
    access: bool
    why: str


@dataclass(frozen=True)
class ShownTable:
    """A table with the columns to show; ``rows`` is an estimate, None if there is none."""

    name: str
    about: str
    reach: Promise | str
    hangs_on_contact: bool
    rows: int | None
    personal: int
    columns: list[ShownColumn]


def shown(*, name: str = "", every: bool = False) -> list[ShownTable]:
    """All tables, or the one of this name; those that hang on a contact first.

    Args:
        name: of a table; all if it is empty.
        every: also columns that say nothing about people.
    """
    declared = [table for table in declaration.tables().values() if name in ("", table.name)]
    rows = fates.estimated_rows([table.name for table in declared])
    in_order = sorted(declared, key=lambda table: (table.reach is Reach.NONE, table.name))
    return [_table(table, rows.get(table.name), every=every) for table in in_order]


def _table(table: Table, rows: int | None, *, every: bool) -> ShownTable:
    columns = table.columns.values()
    return ShownTable(
        name=table.name,
        about=_(table.about),
        reach=REACHES[table.reach],
        hangs_on_contact=table.reach is not Reach.NONE,
        rows=rows,
        personal=sum(column.data_class.is_personal for column in columns),
        columns=[_column(table, c) for c in columns if every or c.data_class.is_personal],
    )


def _column(table: Table, column: Column) -> ShownColumn:
    return ShownColumn(
        name=column.name,
        data_class=CLASSES[column.data_class],
        is_personal=column.data_class.is_personal,
        deletion=FATES[fates.of(table, table.deletion, column.deletion)],
        anonymisation=FATES[fates.of(table, table.anonymisation, column.anonymisation)],
        when_old=fates.empties_when_old(table, column),
        access=column.access,
        why=_(column.why) if column.why else "",
    )
