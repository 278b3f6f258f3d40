"""Tokens of what was erased: an old file or an old backup is recognised, nobody can be read back.

What could go wrong, and what prevents it:

- A contact is erased and its token is not written: an old file would bring the contact back. So a
  chunk writes its tokens, flushed to disk, *before* it commits.
- A token is written and the chunk does not commit: a living contact would be kept out of later
  imports. So a block of tokens counts only once its chunk is known to be committed: confirmed in
  this file, or found in the database by its id (:meth:`ErasedTokens.settle`).
- A crash or a full disk tears the last line: it is cut off before anything is appended.

The file ``erased.jsonl`` has one line for each block, and one for each confirmation:
``{"chunk": id, "on": day, "tokens": [hex, …]}`` and ``{"chunk": id, "committed": true|false}``.
A contact has two tokens: one over number and creation time, which tells whether a row of an old
file is that very contact, and one over the number alone, for files that only refer to it.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fadeout.core.errors import DidNotHold
from fadeout.keys import folder as key_folder

TOKEN_BYTES = 16


class ErasedTokens:
    """The tokens in one key folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "erased.jsonl"
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
        """All tokens of erasures that were committed."""
        committed = {
            entry["chunk"]: entry["committed"] for entry in self._lines() if "committed" in entry
        }
        for entry in self._lines():
            if "tokens" in entry and committed.get(entry["chunk"], False):
                yield from map(bytes.fromhex, entry["tokens"])

    def write(self, *, chunk: UUID, tokens: Iterable[bytes], on: date) -> None:
        """Write the tokens of a chunk that is about to commit; they are on disk on return."""
        listed = [token.hex() for token in tokens]
        self._append({"chunk": str(chunk), "on": on.isoformat(), "tokens": listed})

    def confirm(self, *, chunk: UUID, committed: bool) -> None:
        """Say what became of a chunk whose tokens were written."""
        self._append({"chunk": str(chunk), "committed": committed})

    def settle(self, was_committed: Callable[[UUID], bool]) -> int:
        """Decide every block that a crash left open; returns how many there were."""
        decided = {entry["chunk"] for entry in self._lines() if "committed" in entry}
        left_open = [
            UUID(entry["chunk"])
            for entry in self._lines()
            if "tokens" in entry and entry["chunk"] not in decided
        ]
        for chunk in left_open:
            self.confirm(chunk=chunk, committed=was_committed(chunk))
        return len(left_open)

    def _hmac(self, message: str) -> bytes:
        digest = hmac.digest(self._key, message.encode(), hashlib.sha256)
        return digest[:TOKEN_BYTES]

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        with self._path.open(encoding="ascii") as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)

    def _append(self, entry: dict[str, Any]) -> None:
        try:
            self._append_line(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        except OSError as error:
            raise DidNotHold(
                f"The key folder {self.folder} cannot be written: {error.strerror}. "
                "No contact is erased without its token.",
                way_out="Make room, or give this user the right to write there; then give the same "
                "command again.",
            ) from error

    def _append_line(self, line: bytes) -> None:
        is_new = not self._path.exists()
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # a run and an import may append at once
            _cut_torn_line(file.fileno())
            file.seek(0, os.SEEK_END)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            key_folder.sync_folder(self.folder)


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
