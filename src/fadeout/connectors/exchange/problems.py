"""What is wrong with the files of an import: collected over all of them, the first twenty shown.

What could go wrong: a message carries somebody's name into a terminal log. So values of personal
columns are shown by their shape alone unless somebody at a terminal asked for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from fadeout.connectors.exchange import types
from fadeout.connectors.exchange.format import BY_NAME, FILES, Column, File
from fadeout.core.catalogue import declaration as catalogue
from fadeout.core.errors import BadInput
from fadeout.core.shapes import cut, masked

SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, why, and the value (masked where it is personal).

    Of a key of several columns, ``column`` names all and ``value`` shows all, with commas between.
    """

    file: str
    line: int | None
    column: str | None
    reason: str
    value: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                self.line is not None and f"{self.unit} {self.line}",
                self.column and f"column{'s' if ', ' in self.column else ''} {self.column}",
            )
            if part
        )
        value = "" if self.value is None else f", value {self.value}"
        return f"{place}: {self.reason}{value}"

    @property
    def unit(self) -> str:
        """What the number counts: lines of a CSV file, rows of a Parquet file."""
        return "row" if self.file.endswith(".parquet") else "line"


@dataclass(frozen=True)
class Where:
    """Columns of a file that came under a name (``contacts.csv``): one, or those of a key."""

    named: str
    file: File
    columns: tuple[Column, ...]


class ImportRefused(BadInput):
    """The files cannot be imported; nothing was changed."""

    def __init__(self, problems: list[Problem], count: int) -> None:
        self.problems = problems
        self.count = count
        shown = "\n".join(map(str, problems))
        more = f"\nand {count - len(problems)} more" if count > len(problems) else ""
        super().__init__(f"The import was refused, nothing was changed.\n{shown}{more}")


@dataclass(frozen=True)
class _Found:
    problem: Problem
    source: str
    row: int | None
    position: int


class Problems:
    """Collects problems; keeps as many of each column as could be among the first shown."""

    def __init__(self, *, show_values: bool = False) -> None:
        self.count = 0
        self.unreadable: set[str] = set()
        self._show_values = show_values
        self._kept: dict[tuple[str, str | None], list[_Found]] = {}

    def in_file(self, file: str, reason: str, *, column: str | None = None) -> None:
        """Something wrong with a file as a whole, or with its header."""
        self._keep(_Found(Problem(file, None, column, reason), file, None, 0))

    def in_header(self, file: str, reason: str, *, column: str | None = None) -> None:
        """Something wrong with the names of the columns."""
        line = 1 if file.endswith(".csv") else None
        self._keep(_Found(Problem(file, line, column, reason), file, None, 0))

    def at_line(self, file: str, line: int, reason: str) -> None:
        """Something wrong at a physical line, after which the file cannot be read on."""
        self._keep(_Found(Problem(file, line, None, reason), file, 2**62, 0))

    def at_row(self, file: str, row: int, reason: str) -> None:
        """Something wrong with a whole record."""
        self._keep(_Found(Problem(file, None, None, reason), file, row, 0))

    def in_column(
        self,
        where: Where,
        rows: Iterable[tuple[Any, ...]],
        why_not: Callable[[str], str],
        count: int,
    ) -> None:
        """Wrong values: (row, a value of each column) of the first, and the count of all."""
        names = ", ".join(column.name for column in where.columns)
        position = where.file.columns.index(where.columns[0])
        for row, *values in rows:
            problem = Problem(
                where.named, None, names, why_not(values[0] or ""), self._shown(where, values)
            )
            self._keep(_Found(problem, where.named, row, position))
            count -= 1
        self.count += count

    def first(self, lines: Callable[[str, list[int]], dict[int, int]]) -> list[Problem]:
        """The first problems in the order of files and rows, with their physical lines."""
        found = sorted(
            (one for kept in self._kept.values() for one in kept),
            key=_place,
        )[:SHOWN]
        rows: dict[str, list[int]] = {}
        for one in found:
            if one.row is not None and one.problem.line is None:
                rows.setdefault(one.source, []).append(one.row)
        known = {source: lines(source, wanted) for source, wanted in rows.items()}
        return [_with_line(one, known) for one in found]

    def _keep(self, found: _Found) -> None:
        self.count += 1
        kept = self._kept.setdefault((found.source, found.problem.column), [])
        kept.append(found)
        if len(kept) > 4 * SHOWN:
            kept.sort(key=_place)
            del kept[SHOWN:]

    def _shown(self, where: Where, values: list[str | None]) -> str | None:
        shown = [
            cut(value) if self._show_values or not is_masked(where.file, column) else masked(value)
            for column, value in zip(where.columns, values, strict=True)
            if value is not None
        ]
        return ", ".join(shown) if shown else None


def is_masked(file: File, column: Column) -> bool:
    """Whether a value says who somebody is: by the catalogue, all that is personal but behaviour.

    Codes, kinds, states, amounts and dates are what a mistake is found by; they stay readable.
    """
    if column.refers_to == "contacts":
        return True
    if column.type is types.LIST:
        return False
    declared = catalogue.tables()[file.table].columns[file.target(column.field)].data_class
    return declared.is_personal and declared is not catalogue.DataClass.BEHAVIOUR


def _place(found: _Found) -> tuple[tuple[int, str], int, int]:
    return _order(found.source), -1 if found.row is None else found.row, found.position


def _order(source: str) -> tuple[int, str]:
    name = source.rsplit(".", 1)[0]
    return (FILES.index(BY_NAME[name]) if name in BY_NAME else -1, source)


def _with_line(found: _Found, known: dict[str, dict[int, int]]) -> Problem:
    if found.row is None or found.problem.line is not None:
        return found.problem
    return replace(found.problem, line=known.get(found.source, {}).get(found.row))
