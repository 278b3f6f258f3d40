"""Tokens of what was erased: an old file or an old backup is recognised, nobody can be read back.

What could go wrong, and what prevents it:

- A contact is erased and its token is not written: an old file would bring the contact back. So a
  chunk writes its tokens, flushed to disk, *before* it commits.
- A token is written and the chunk does not commit: a living contact would be kept out of later
  imports. So a block of tokens counts only once its chunk is known to be committed: confirmed in
  this file, or found in the database by its id (:meth:`ErasedTokens.settle`).
- The database is restored before a block is decided: a backup knows nothing of chunks that committed
  after it. So only the very database that a block was written beside may say that its chunk did not
  commit; to any other it stays *in doubt*, and counts.
- A crash or a full disk tears the last line: it is cut off before anything is appended.
- Tokens are dropped while somebody appends: both hold the lock of the file, and whoever waited for it
  looks whether the file is still the one of that name.

The file ``erased.jsonl`` has one line for each block of tokens, and one for each thing that became
known of blocks:

- ``{"chunk": id, "on": day, "delete": [hex, …], "anonymise": [hex, …], "numbers": [hex, …]}``, with
  ``"sealed_until": day`` where a sealed copy lives on. An older form has all three in ``"tokens"``.
- ``{"chunk": id, "committed": true|false}``, with ``"in_doubt": true`` where nobody can tell.
- ``{"database": name}``: the blocks that follow were written beside this database.
- ``{"chunks": [id, …], "renewed": day}``: erased again, from a backup that was restored.
- ``{"dropped_before": day}``: older blocks were dropped on purpose, and are not missed.

A contact has two tokens: one over number and creation time, which tells whether a row of an old
file is that very contact, and one over the number alone, for files that only refer to it.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from fadeout.core import files
from fadeout.core.errors import DidNotHold
from fadeout.keys import folder as key_folder

TOKEN_BYTES = 16
NUMBERS = "numbers"
#: What the lists of a block are called: what became of contacts, and the tokens of numbers alone.
LISTS = ("delete", "anonymise", NUMBERS)
OLD_LIST = "tokens"
DROPPED = "dropped_before"


@dataclass(frozen=True)
class Block:
    """The tokens of one committed chunk. ``lists`` has ``tokens`` alone in the older form."""

    chunk: UUID
    on: date
    in_doubt: bool
    sealed_until: date | None
    lists: Mapping[str, list[bytes]]


class ErasedTokens:
    """The tokens in one key folder."""

    FILE = "erased.jsonl"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / self.FILE
        self._key = key_folder.hmac_key(folder)

    def token(self, contact_number: str, created_at: datetime) -> bytes:
        """The token of a contact: HMAC-SHA-256 over number and creation time, 16 bytes."""
        instant = created_at.astimezone(UTC).isoformat(timespec="microseconds")
        return self._hmac(f"contact\0{contact_number}\0{instant}")

    def number_token(self, contact_number: str) -> bytes:
        """The token of a contact number alone, 16 bytes."""
        return self._hmac(f"number\0{contact_number}")

    def count(self) -> int:
        """How many tokens are kept; two for each erased contact."""
        return sum(1 for _ in self.stream())

    def stream(self) -> Iterator[bytes]:
        """All tokens of erasures that were committed, of contacts and of numbers."""
        for block in self.blocks():
            for tokens in block.lists.values():
                yield from tokens

    def blocks(self) -> Iterator[Block]:
        """The tokens of erasures that were committed, chunk by chunk."""
        counts, doubted = self._decided()
        for entry in self._lines():
            if _is_block(entry) and counts.get(entry["chunk"], False):
                yield Block(
                    chunk=UUID(entry["chunk"]),
                    on=date.fromisoformat(entry["on"]),
                    in_doubt=entry["chunk"] in doubted,
                    sealed_until=_day(entry.get("sealed_until")),
                    lists={
                        name: [bytes.fromhex(token) for token in entry[name]]
                        for name in (*LISTS, OLD_LIST)
                        if name in entry
                    },
                )

    def contacts_by_chunk(self) -> dict[str, int]:
        """Chunk -> of how many contacts its block is, whether it is decided or not."""
        return {
            entry["chunk"]: len(entry[OLD_LIST]) // 2  # two tokens for each, in one list
            if OLD_LIST in entry
            else sum(len(entry[name]) for name in LISTS if name != NUMBERS)
            for entry in self._lines()
            if _is_block(entry)
        }

    def write(
        self,
        *,
        chunk: UUID,
        tokens: Mapping[str, Iterable[bytes]],
        on: date,
        sealed_until: date | None = None,
    ) -> None:
        """Write the tokens of a chunk that is about to commit; they are on disk on return.

        Sorted: in the order of the contacts they would tell which anonymous row was whose.

        Args:
            chunk: the id under which the transaction is found once it is committed.
            tokens: list (``delete``, ``anonymise``, ``numbers``) -> its tokens.
            on: the day of the erasure.
            sealed_until: until when a sealed copy of the contacts can be recovered.
        """
        entry: dict[str, Any] = {"chunk": str(chunk), "on": on.isoformat()}
        entry |= {name: sorted(token.hex() for token in tokens.get(name, ())) for name in LISTS}
        if sealed_until is not None:
            entry["sealed_until"] = sealed_until.isoformat()
        self._append(self._with_code(entry))

    def confirm(self, *, chunk: UUID, committed: bool) -> None:
        """Say what became of a chunk whose tokens were written."""
        self._append({"chunk": str(chunk), "committed": committed})

    def settle(self, was_committed: Callable[[UUID], bool], *, database: str = "") -> int:
        """Decide every block that a crash left open; returns how many there were.

        Args:
            was_committed: whether the database knows the chunk.
            database: a name of the database that no copy and no restored one shares.
        """
        decided, _ = self._decided()
        left_open: dict[str, str] = {}
        beside = ""
        for entry in self._lines():
            beside = entry.get("database", beside)
            if _is_block(entry) and entry["chunk"] not in decided:
                left_open[entry["chunk"]] = beside
        for chunk, written_beside in left_open.items():
            self._append(_decision(chunk, was_committed, written_beside in ("", database)))
        return len(left_open)

    def note_database(self, database: str) -> None:
        """Remember beside which database the blocks that follow are written."""
        noted = [entry["database"] for entry in self._lines() if "database" in entry]
        if noted[-1:] != [database]:
            self._append({"database": database})

    def renew(self, chunks: Iterable[UUID], *, on: date) -> None:
        """Keep these blocks as if they were written on this day: contacts of theirs were back."""
        listed = sorted(map(str, chunks))
        if listed:
            self._append({"chunks": listed, "renewed": on.isoformat()})

    def drop_before(self, day: date) -> int:
        """Drop the blocks of erasures before a day, and what is known of them; tells how many tokens.

        Blocks that nobody has decided stay. The file is replaced as a whole, or not at all. It remembers
        the day: under another policy, or in an older database, they would be taken for lost.
        """
        if not self._path.exists():
            return 0
        with self._telling_trouble(), self._locked():
            draft = self._path.with_name(f".{self._path.name}.part")
            draft.unlink(missing_ok=True)  # of a command that was killed: it may hold what goes now
            outlived = self._outlived(day)
            if not outlived:
                return 0
            dropped = 0
            with files.replacing(self._path, beside=draft) as file:
                for entry in self._lines():
                    if kept := _without(entry, outlived):
                        file.write(_as_line(self._with_code(kept)))
                    else:
                        dropped += _tokens_in(entry) if outlived.get(entry.get("chunk")) else 0
                file.write(_as_line(self._with_code({DROPPED: day.isoformat()})))
        return dropped

    def dropped_before(self) -> date | None:
        """Blocks of erasures before this day were dropped; none if none were."""
        days = [date.fromisoformat(entry[DROPPED]) for entry in self._lines() if DROPPED in entry]
        return max(days, default=None)

    def _outlived(self, day: date) -> dict[str | None, bool]:
        """The chunks of decided blocks last written or renewed before the day -> whether they count."""
        decided, _ = self._decided()
        last: dict[str, str] = {}
        for entry in self._lines():
            if _is_block(entry) and entry["chunk"] in decided:
                last[entry["chunk"]] = entry["on"]
            for chunk in entry.get("chunks", ()):
                if chunk in last:
                    last[chunk] = max(last[chunk], entry["renewed"])
        return {chunk: decided[chunk] for chunk, on in last.items() if on < day.isoformat()}

    def _decided(self) -> tuple[dict[str, bool], set[str]]:
        """Chunk -> whether it was committed; and the chunks of which nobody can tell."""
        counts: dict[str, bool] = {}
        doubted: set[str] = set()
        for entry in self._lines():
            if "committed" in entry:
                counts[entry["chunk"]] = entry["committed"]
                if entry.get("in_doubt"):
                    doubted.add(entry["chunk"])
        return counts, doubted

    def _hmac(self, message: str) -> bytes:
        digest = hmac.digest(self._key, message.encode(), hashlib.sha256)
        return digest[:TOKEN_BYTES]

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        with self._path.open(encoding="ascii") as file:
            for number, line in enumerate(file, 1):
                if line.endswith("\n"):
                    yield self._read(number, line)

    def _read(self, number: int, line: str) -> dict[str, Any]:
        """A line; a block only with the code that was written with it (older ones have none)."""
        try:
            entry = json.loads(line)
            code = entry.pop("mac", None)
            has_none = code is None and DROPPED not in entry
            holds = has_none or hmac.compare_digest(code, self._code(entry))
        except (ValueError, AttributeError, TypeError):
            holds = False
        if not holds:
            raise DidNotHold(
                _("Line %(number)s of %(path)s was changed or is damaged.")
                % {"number": number, "path": self._path},
                way_out=_("Put the key folder back from its own backup."),
            )
        return dict(entry)

    def _with_code(self, entry: dict[str, Any]) -> dict[str, Any]:
        has_code = _is_block(entry) or DROPPED in entry
        return entry | {"mac": self._code(entry)} if has_code else entry

    def _code(self, entry: Mapping[str, Any]) -> str:
        content = json.dumps(entry, sort_keys=True).encode()
        return hmac.new(self._key, b"block\0" + content, hashlib.sha256).hexdigest()

    def _append(self, entry: dict[str, Any]) -> None:
        with self._telling_trouble():
            is_new = not self._path.exists()
            with self._locked() as file:
                _cut_torn_line(file.fileno())
                file.seek(0, os.SEEK_END)
                file.write(_as_line(entry))
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                files.sync_folder(self.folder)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The file, held against others: a run, an import and a clean-up may come at once."""
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _is_at(self._path, file):
                    yield file
                    return

    @contextmanager
    def _telling_trouble(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            so = _("No contact is erased without its token.")
            raise key_folder.cannot_be_written(self.folder, error, so) from error


def _decision(
    chunk: str, was_committed: Callable[[UUID], bool], is_its_own_database: bool
) -> dict[str, Any]:
    if was_committed(UUID(chunk)):
        return {"chunk": chunk, "committed": True}
    if is_its_own_database:
        return {"chunk": chunk, "committed": False}
    return {"chunk": chunk, "committed": True, "in_doubt": True}


def _is_block(entry: Mapping[str, Any]) -> bool:
    return "on" in entry


def _without(entry: dict[str, Any], outlived: Mapping[str | None, bool]) -> dict[str, Any] | None:
    """What stays of a line once these chunks are forgotten."""
    if "chunks" in entry:
        chunks = [chunk for chunk in entry["chunks"] if chunk not in outlived]
        return {**entry, "chunks": chunks} if chunks else None
    return None if entry.get("chunk") in outlived else entry


def _tokens_in(entry: Mapping[str, Any]) -> int:
    return sum(len(entry.get(name, ())) for name in (*LISTS, OLD_LIST))


def _as_line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether the open file is the one of this name still, and not one that was replaced."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _cut_torn_line(handle: int) -> None:
    end = size = os.lseek(handle, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65_536)
        newline = os.pread(handle, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end < size:
        os.ftruncate(handle, end)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
