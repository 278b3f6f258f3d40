"""Goes through all texts with a matcher."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from fadeout.core.catalogue.texts import TextTable
from fadeout.residue import streaming
from fadeout.residue.matching import Match, Matcher
from fadeout.residue.redaction import strings_of_json
from fadeout.residue.watching import Watch


class Hit(NamedTuple):
    """A match, and where it stands: table and column by their places in what was searched."""

    table: int
    column: int
    row: Any
    match: Match


def search(tables: Sequence[TextTable], matcher: Matcher, watch: Watch) -> Iterator[Hit]:
    """Every match in every text, table by table, column by column.

    Raises:
        Stopped: somebody asked to stop.
    """
    done, total = 0, streaming.estimated_rows(tuple(tables))
    with closing(streaming.ahead(_batches(tables))) as batches:
        for number, rows in batches:
            watch.hear(done, total)
            done += len(rows)
            for column in range(len(tables[number].columns)):
                yield from _in_column(number, tables[number], column, rows, matcher)
    watch.hear(done, done)


def _batches(
    tables: Sequence[TextTable],
) -> Generator[tuple[int, list[tuple[Any, ...]]], None, None]:
    for number, table in enumerate(tables):
        for rows in streaming.batches(table):
            yield number, rows


def matches_in(
    table: TextTable, column: int, text: str | None, matcher: Matcher
) -> Iterator[Match]:
    """Every match in one text."""
    if text is not None:
        yield from (
            hit.match for hit in _in_column(0, table, column, [_padded(column, text)], matcher)
        )


def _in_column(
    number: int, table: TextTable, column: int, rows: Sequence[Sequence[Any]], matcher: Matcher
) -> Iterator[Hit]:
    having: dict[
        str, list[Any]
    ] = {}  # a wording of consent stands in thousands of rows: once is enough
    for row in rows:
        if row[column + 1] is not None:
            having.setdefault(row[column + 1], []).append(row[0])
    texts: Sequence[str] = list(having)
    if table.columns[column].is_json:
        texts = [strings_of_json(text) for text in texts]
    holding = list(having.values())
    for place, match in matcher.find_in_all(texts):
        for row in holding[place]:
            yield Hit(number, column, row, match)


def _padded(column: int, text: str) -> tuple[Any, ...]:
    return (*(None for _ in range(column + 1)), text)
