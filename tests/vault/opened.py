"""What lies in the vault, opened with support's private key; and a database as it was, to compare."""

from __future__ import annotations

import json
from typing import Any

from pyrage import x25519

from fadeout.core import sql
from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Action, Reach
from fadeout.vault import recovery
from fadeout.vault.recovery import Recovered, Wanted
from tests import support

Cell = tuple[str, int, str, str]
Snapshot = dict[Cell, Any]


class Anybody(Wanted):
    """Every record."""

    def is_in(self, parts: Any) -> bool:
        return bool(parts)


def records(wanted: Wanted | None = None) -> list[Recovered]:
    """The records of somebody, or all of them."""
    identity = x25519.Identity.from_str(support.IDENTITY)
    keys = recovery.unwrapped(support.keyring(), [identity])
    search = recovery.Search(keys, wanted or Anybody())
    found = list(search.found())
    assert search.left == 0
    return found


def cells(of: list[Recovered]) -> set[Cell]:
    """Every value that these records hold: table, id of the row, column, value as JSON."""
    return {
        (part.table, part.values["id"], column, json.dumps(value))
        for record in of
        for part in record.parts
        for column, value in part.values.items()
    }


def snapshot() -> Snapshot:
    """Every value in a row that erasure reaches: (table, id, column) -> value."""
    found: Snapshot = {}
    for table in declaration.tables().values():
        if table.reach is not Reach.NONE:
            for row_id, row in sql.rows(
                f'SELECT id, row_to_json(t)::text FROM "{table.name}" AS t'
            ):
                for column, value in json.loads(row).items():
                    found[table.name, row_id, column, ""] = value
    return found


def gone(before: Snapshot, after: Snapshot) -> set[Cell]:
    """The values that were there and are no more, without what only tells the state of a row."""
    return {
        (table, row, column, json.dumps(value))
        for (table, row, column, _), value in before.items()
        if value is not None and after.get((table, row, column, "")) != value
        and not _is_a_mark(table, column)
    }  # fmt: skip


def _is_a_mark(table: str, column: str) -> bool:
    declared = declaration.tables()[table].columns[column]
    return declared.anonymisation is Action.MARK or (table, column) == ("plans_plan_row", "state")
