"""All that was erased, in memory, to ask of one contact after the other whether it is among them.

What could go wrong: a house erased hundreds of thousands, and a set of Python objects takes a hundred
megabytes. So tokens lie packed, in buckets by their first two bytes.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fadeout.keys.tokens import NUMBERS, OLD_LIST, TOKEN_BYTES, ErasedTokens
from fadeout.policy.outcomes import Outcome

#: Behind each token: its list, and the number of its block.
TAIL = struct.Struct(">BI")
RECORD = TOKEN_BYTES + TAIL.size
LISTS = (OLD_LIST, Outcome.DELETE.value, Outcome.ANONYMISE.value)


@dataclass(frozen=True)
class Erasure:
    """What is known of an erased contact. The older form of blocks does not tell the outcome."""

    chunk: UUID
    on: date
    outcome: str | None
    in_doubt: bool
    sealed_until: date | None


class KnownErasures:
    """The tokens of all contacts that were erased, each with what is known of its erasure."""

    def __init__(self, tokens: ErasedTokens) -> None:
        self._buckets: dict[bytes, bytearray] = defaultdict(bytearray)
        self._blocks: list[tuple[UUID, date, bool, date | None]] = []
        for block in tokens.blocks():
            for name, listed in block.lists.items():
                if name != NUMBERS:
                    tail = TAIL.pack(LISTS.index(name), len(self._blocks))
                    for token in listed:
                        self._buckets[token[:2]] += token + tail
            self._blocks.append((block.chunk, block.on, block.in_doubt, block.sealed_until))

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def days_of_expiry(self) -> set[date]:
        """The days until which sealed copies of them live."""
        return {until for *_, until in self._blocks if until is not None}

    def of(self, token: bytes) -> Erasure | None:
        """The erasure of the contact with this token; none if it was not erased.

        Of several, one that is certain goes first.
        """
        found = None
        bucket = self._buckets.get(token[:2], b"")
        at = bucket.find(token)
        while at >= 0:
            if at % RECORD == 0:
                found = self._erasure(bucket[at + TOKEN_BYTES : at + RECORD])
                if not found.in_doubt:
                    return found
            at = bucket.find(token, at + 1)
        return found

    def _erasure(self, tail: bytes | bytearray) -> Erasure:
        listed, block = TAIL.unpack(tail)
        chunk, on, in_doubt, sealed_until = self._blocks[block]
        outcome = None if LISTS[listed] == OLD_LIST else LISTS[listed]
        return Erasure(chunk, on, outcome, in_doubt, sealed_until)
