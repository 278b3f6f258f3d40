"""Looks for struck contacts in texts about others, and takes out what tells who they were.

What could go wrong, and what prevents it:

- An identifier is taken out that somebody else has too, who stays: who has it is looked up before the
  first chunk, and again at the stroke, after the contact itself is gone; what several contacts on
  the plan share is settled when it is known who remains.
- A contact changes between search and stroke: it is read again under its lock, and what is new is
  kept and searched in the end.
- Text arrives while the run goes on: everything is searched again in the end, until nothing is found.
- The process dies: what it knew lies encrypted in the key folder; what it took out is committed with
  the stroke, or not at all.
- A text is locked at the box office: the chunk waits no longer than for any lock, and is tried again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.sql import SQL, Identifier

from fadeout.core import sql
from fadeout.core.catalogue import texts as catalogue
from fadeout.core.catalogue.texts import TextTable
from fadeout.erasure import texts as erasure
from fadeout.keys.run_files import RunFiles
from fadeout.residue import findings, holding, identifiers, known, streaming, texts
from fadeout.residue.findings import Findings, Place
from fadeout.residue.holding import key_for, key_of
from fadeout.residue.identifiers import Kind
from fadeout.residue.known import Key, Known
from fadeout.residue.matching import Match, Matcher
from fadeout.residue.models import Done
from fadeout.residue.redaction import redacted, redacted_json
from fadeout.residue.texts import Hit
from fadeout.residue.watching import Stopped, Watch

Removed = Counter[str]
#: Of one contact, at its stroke; whatever stands in more texts is taken out of the others in the end.
MOST_HITS = 1_000
#: Contacts whose identifiers stay in memory while a run strikes; of more, they are made again.
MOST_KEPT = 500_000
#: With so many others who have it, the end of the run will tell.
MOST_HOLDERS = 200
ROWS_AT_ONCE = 200
#: What is found again may have come meanwhile, or been joined to what was taken out.
ROUNDS = 3
TRIES = 20
#: Deadlock, lock not available.
RETRIED_STATES = ("40P01", "55P03")
AUDIT = "residue left in {table}.{column}"


class Question(NamedTuple):
    """A SELECT of contact ids."""

    statement: str
    parameters: dict[str, Any]


@dataclass
class Residue:
    """What one run knows of whom it strikes, for as long as it is not done.

    ``matcher``: of all that were on the plan; made again in the end where it is not kept.
    """

    run_number: int
    files: RunFiles
    known: Known = field(default_factory=Known)
    matcher: Matcher | None = None


def begin(run_number: int, files: RunFiles, waiting: Question, watch: Watch) -> Residue | None:
    """Search for all contacts that wait to be struck, before anything is changed.

    None if somebody asked to stop: nothing is kept then.

    Raises:
        DidNotHold: what must survive a crash cannot be written down.
    """
    residue = Residue(run_number, files)
    try:
        with files.writing() as put:
            residue.matcher = Matcher()
            with closing(streaming.ahead(_stream(waiting))) as blocks:
                for rows in blocks:
                    put(known.contact_block(rows))
                    for row in rows:
                        residue.known.contacts.add(row)
                        _add(residue.matcher, row)
                    watch.hear(0, 0)
            _map(residue.known, residue.matcher.freeze(), watch)
            if len(residue.known.contacts.ids) > MOST_KEPT:
                residue.matcher = None
            _find_holders(residue.known, watch)
            for block in known.found_blocks(residue.known):
                put(block)
    except Stopped:
        return None
    return residue


def go_on(run_number: int, files: RunFiles, watch: Watch) -> Residue | None:
    """What the run knew when it was interrupted, and who has what now; None if asked to stop.

    Raises:
        DidNotHold: it is missing or damaged.
    """
    for _ in files.later():  # finds the end of it
        pass
    residue = Residue(run_number, files, known.read(files.known()))
    try:
        _find_holders(residue.known, watch)
    except Stopped:
        return None
    return residue


@dataclass
class Stroke:
    """What is to be taken out with the contacts that one transaction strikes."""

    residue: Residue
    matcher: Matcher | None
    rows: dict[int, set[Any]]
    keys: set[Key]

    def take_out(self) -> Removed:
        """Call when the contacts are struck; counts changed rows by table."""
        removed: Removed = Counter()
        found: Findings = Counter()
        if self.matcher is not None:
            held = _Held(self.residue.known, self.keys)
            for number, rows in sorted(self.rows.items()):
                table = catalogue.searched()[number]
                text = _Text(table, self.matcher, held.leaves_free)
                removed[table.name] += text.take_out(sorted(rows), found)
            findings.add(self.residue.run_number, found)
        return +removed


def before_stroke(residue: Residue, contacts: Sequence[int]) -> Stroke:
    """Read who they are while it is still known; the caller holds them locked."""
    rows = _read(contacts)
    if changed := [row for row in rows if not residue.known.contacts.has(row)]:
        residue.files.append(known.contact_block(changed))
    matcher, keys, places = Matcher(), set[Key](), dict[int, set[Any]]()
    for row in rows:
        if hits := residue.known.hits.of(row[0], MOST_HITS):
            keys.update(key_for(kind, key) for kind, key in _add(matcher, row))
            for table, hit in hits:
                places.setdefault(table, set()).add(hit)
    return Stroke(residue, matcher.freeze() if places else None, places, keys)


def settle(
    residue: Residue, remaining: Question, watch: Watch, before_changes: Callable[[], None]
) -> dict[str, int] | None:
    """At the end: take out what is left or came since, until a search finds nothing; tells what is left.

    Whoever goes by what stands in the tables is told before anything is changed.

    Returns audit -> findings, for every column that was searched; None if somebody asked to stop.
    """
    try:
        matcher = _of_all(residue)
        stay = {contact for (contact,) in sql.rows(remaining.statement, remaining.parameters)}
        free = _look(residue.run_number, matcher, stay, watch)
        for _ in range(ROUNDS):
            if not free:
                break
            before_changes()
            _take_out_everywhere(residue.run_number, free, watch)
            free = _look(residue.run_number, matcher, stay, watch)
    except Stopped:
        return None
    left = Counter((place.table, place.column) for place, _ in free)
    return {
        AUDIT.format(table=table.name, column=column.name): left[table.name, column.name]
        for table in catalogue.searched()
        for column in table.columns
    }


def _add(matcher: Matcher, row: Sequence[Any]) -> set[tuple[Kind, str]]:
    """Look for a contact: id first, then the columns that identify."""
    _, columns = catalogue.contacts()
    found = identifiers.of_contact(columns, dict(zip(columns, row[1:], strict=True)))
    matcher.add_all(found, row[0])
    return found


def _map(found: Known, matcher: Matcher, watch: Watch) -> None:
    """Where the identifiers stand."""
    for hit in texts.search(catalogue.searched(), matcher, watch):
        found.hits.add(hit.match.owner, hit.table, hit.row)
        if hit.match.exact:
            found.exact.add(key_of(hit.match))
    found.hits.sort()


def _find_holders(found: Known, watch: Watch) -> None:
    """Who else has what is to be taken out."""
    found.last_keys = [streaming.last_key(table) for table in catalogue.identifying()]
    for key, holder in holding.holders(found.exact, watch):
        held = found.holders.setdefault(key, [])
        if len(held) < MOST_HOLDERS and holder not in held[-1:]:
            held.append(holder)


def _stream(contacts: Question) -> Generator[list[tuple[Any, ...]], None, None]:
    """Id and identifying columns of contacts, in the order of their ids, block by block."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_select(f"({contacts.statement})"), contacts.parameters)
        while rows := cursor.fetchmany(known.CONTACTS_IN_A_BLOCK):
            yield rows


def _read(contacts: Sequence[int]) -> list[tuple[Any, ...]]:
    return sql.rows(
        _select("(SELECT unnest(%(contacts)s::bigint[]))"), {"contacts": list(contacts)}
    )


def _select(chosen: str) -> str:
    table, columns = catalogue.contacts()
    statement = SQL("SELECT id, {columns} FROM {table} WHERE id IN {chosen} ORDER BY id").format(
        columns=SQL(", ").join(map(Identifier, columns)),
        table=Identifier(table),
        chosen=SQL(chosen),
    )
    return statement.as_string(connection.connection)


class _Held:
    """Which identifiers somebody else still has, now that their contacts are struck."""

    def __init__(self, found: Known, keys: Collection[Key]) -> None:
        asked = {key: found.holders[key] for key in keys if key in found.holders}
        self._free = {key for key, held in asked.items() if len(held) < MOST_HOLDERS}
        if self._free:
            self._free -= holding.held_since(self._free, found.last_keys)
        holders = set(chain.from_iterable(asked.values()))
        for number, table in enumerate(catalogue.identifying()):
            if rows := sorted(row for of, row in holders if of == number):
                for row in erasure.read(table, rows):
                    self._free.difference_update(holding.keys_of(table, row))

    def leaves_free(self, match: Match) -> bool:
        """Whether a match is to be taken out. What was looked for in vain, or is new, waits for the end."""
        return match.exact and key_of(match) in self._free


class _Text:
    """The texts of one table."""

    def __init__(
        self, table: TextTable, matcher: Matcher, is_free: Callable[[Match], bool]
    ) -> None:
        self._table = table
        self._matcher = matcher
        self._is_free = is_free

    def take_out(self, rows: Sequence[Any], found: Findings) -> int:
        """Replace what is free in these rows; what is not goes on the list. Locks only what changes."""
        free = {row[0] for row in erasure.read(self._table, rows) if self._has_free(row, found)}
        if not free:
            return 0
        locked = erasure.read(self._table, sorted(free), locking=True)
        changed = set[Any]()
        for number, column in enumerate(self._table.columns):
            replaced = {
                row[0]: other for row in locked if (other := self._replaced(row, number, found))
            }
            if replaced:
                erasure.write(self._table, column, replaced)
            changed |= set(replaced)
        return len(changed)

    def _has_free(self, row: Sequence[Any], found: Findings) -> bool:
        """Put on the list what stays in a row; tells whether anything in it is free."""
        is_free = False
        for column in range(len(self._table.columns)):
            for match in texts.matches_in(self._table, column, row[column + 1], self._matcher):
                if self._is_free(match):
                    is_free = True
                else:
                    found[self._place(row, column), match.kind, _why_left(match)] += 1
        return is_free

    def _replaced(self, row: Sequence[Any], column: int, found: Findings) -> str | None:
        text, of = row[column + 1], self._table.columns[column]
        if text is None:
            return None
        for match in texts.matches_in(self._table, column, text, self._matcher):
            if self._is_free(match):
                found[self._place(row, column), match.kind, Done.REDACTED] += 1
        replace = redacted_json if of.is_json else redacted
        other = replace(text, self._matcher, self._is_free, erasure.mark(of, row[0]))
        return None if other == text else other

    def _place(self, row: Sequence[Any], column: int) -> Place:
        return Place(self._table.name, self._table.columns[column].name, str(row[0]))


def _why_left(match: Match) -> Done:
    return Done.SHARED if match.exact else Done.LISTED


def _of_all(residue: Residue) -> Matcher:
    """For all that were on the plan, as they were then and as they were struck."""
    files, matcher = residue.files, residue.matcher or Matcher()
    for block in chain(() if residue.matcher else files.known(), files.later()):
        for row in known.contacts_of(block):
            _add(matcher, row)
    return matcher.freeze()


def _look(
    run_number: int, matcher: Matcher, stay: Collection[int], watch: Watch
) -> list[tuple[Place, Hit]]:
    """Search everything: returns what is to be taken out, and puts on the list anew what stays.

    Args:
        run_number: whose list it is.
        matcher: for all that were on the plan.
        stay: those of them that were not struck, whom nothing is taken from.
        watch: who sees how far it is.
    """
    exact: list[tuple[Place, Hit]] = []
    with findings.listing_what_is_left(run_number) as left:
        for hit in texts.search(catalogue.searched(), matcher, watch):
            if hit.match.owner in stay:
                continue
            table = catalogue.searched()[hit.table]
            place = Place(table.name, table.columns[hit.column].name, str(hit.row))
            if hit.match.exact:
                exact.append((place, hit))
            else:
                left(place, hit.match.kind, Done.LISTED)
        keys = {key_of(hit.match) for _, hit in exact}
        held = {key for key, _ in holding.holders(keys, watch)}
        for place, hit in exact:
            if key_of(hit.match) in held:
                left(place, hit.match.kind, Done.SHARED)
    return [(place, hit) for place, hit in exact if key_of(hit.match) not in held]


def _take_out_everywhere(run_number: int, found: list[tuple[Place, Hit]], watch: Watch) -> None:
    """In transactions of a few rows, so that nobody waits; what is locked for long stays for the audit."""
    matcher, free, rows = Matcher(), set[tuple[Kind, str]](), dict[int, set[Any]]()
    for _, hit in found:
        if (hit.match.kind, hit.match.key) not in free:
            free.add((hit.match.kind, hit.match.key))
            matcher.add(hit.match.kind, hit.match.key, 0)
        rows.setdefault(hit.table, set()).add(hit.row)
    matcher.freeze()
    for number, of_table in sorted(rows.items()):
        text = _Text(catalogue.searched()[number], matcher, lambda match: match.exact)
        ordered = sorted(of_table)
        for first in range(0, len(ordered), ROWS_AT_ONCE):
            watch.hear(0, 0)
            _take_out_of(run_number, text, ordered[first : first + ROWS_AT_ONCE])


def _take_out_of(run_number: int, text: _Text, rows: list[Any]) -> None:
    left, size, tries = rows, len(rows), 0
    while left:
        found: Findings = Counter()
        try:
            with transaction.atomic():
                sql.execute("SET LOCAL lock_timeout = '100ms'")
                text.take_out(left[:size], found)
                findings.add(run_number, found)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in RETRIED_STATES:
                raise
            tries += 1
            time.sleep(0.05)
            size = max(1, size // 4)
            if size > 1 or tries < TRIES:
                continue
        left, tries = left[size:], 0
