"""A digest of rows that does not depend on their order, and subtracts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

WORD = 2**64


@dataclass(frozen=True)
class RowDigest:
    """How many rows, and their two sums modulo 2 to the 64."""

    rows: int = 0
    first: int = 0
    second: int = 0

    def __add__(self, other: RowDigest) -> RowDigest:
        return RowDigest(
            self.rows + other.rows,
            (self.first + other.first) % WORD,
            (self.second + other.second) % WORD,
        )

    def as_list(self) -> list[str]:
        """For a JSON column; text, since JSON numbers end at 53 bits elsewhere."""
        return [str(self.rows), str(self.first), str(self.second)]

    @classmethod
    def from_list(cls, parts: Sequence[str]) -> RowDigest:
        """The inverse of :meth:`as_list`."""
        return cls(*map(int, parts))

    @classmethod
    def from_sums(cls, rows: int, first: object, second: object) -> RowDigest:
        """From what PostgreSQL added up: signed, and not yet modulo."""
        return cls(rows, int(str(first)) % WORD, int(str(second)) % WORD)

    @classmethod
    def of_all(cls, contents: Collection[bytes]) -> RowDigest:
        """Rows, each by its SHA-256, the first sixteen bytes of it."""
        digests = [hashlib.sha256(content).digest() for content in contents]
        first = sum(int.from_bytes(digest[:8], "big") for digest in digests)
        second = sum(int.from_bytes(digest[8:16], "big") for digest in digests)
        return cls(len(digests), first % WORD, second % WORD)
