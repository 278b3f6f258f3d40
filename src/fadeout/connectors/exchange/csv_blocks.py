"""Cuts a CSV stream into blocks of whole records, and refuses what is not RFC 4180.

What could go wrong: Arrow's reader is fast but forgiving. An unterminated quote swallows all rows
to the end of the file, a stray one shifts fields, and nobody notices. So the quoting of every block
is checked before Arrow sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

BLOCK_BYTES = 2 * 2**20
LONGEST_RECORD = 32 * 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Quotes stand around a whole field or not at all; inside, a quote is doubled. Possessive, so that
# nothing is ever tried twice.
_OPENING = rb'(?:\A|(?<=[,\n]))"'
_INSIDE = rb'(?:[^"]++|"")*+'
_WELL_QUOTED = re.compile(rb'[^"]*+(?:' + _OPENING + _INSIDE + rb'"(?=,|\r?\n)[^"]*+)*+')
_UNFINISHED = re.compile(_OPENING + _INSIDE + rb'"?\r?\Z')


class Malformed(Exception):  # noqa: N818 - it says what the file is
    """The stream is not CSV at a line; the message carries nothing of the content."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class Readable(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


@dataclass(frozen=True)
class Block:
    """Whole records, and the physical line that the first of them starts at."""

    content: bytes
    line: int


def blocks(stream: Readable) -> Iterator[Block]:
    """Whole records, some megabytes at a time; the first block starts with the header.

    Raises:
        Malformed: the encoding or the quoting is wrong; blocks before that were yielded.
    """
    line = 1
    rest = _without_mark(stream.read(BLOCK_BYTES))
    at_end = not rest
    while not at_end:
        chunk = stream.read(BLOCK_BYTES)
        at_end = not chunk
        if at_end and not rest.endswith(b"\n"):
            rest += b"\n"
        cut = _end_of_records(rest, line, at_end=at_end)
        if cut:
            whole = rest[:cut]
            _check_line_ends(whole, line)
            yield Block(whole, line)
            line += whole.count(b"\n")
        rest = rest[cut:] + chunk
        if len(rest) > LONGEST_RECORD:
            raise Malformed(line, f"a record longer than {LONGEST_RECORD // 2**20} MiB")


def _without_mark(start: bytes) -> bytes:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed(1, "UTF-16; save the file as UTF-8")
    return start.removeprefix(_BYTE_ORDER_MARK)


def _end_of_records(block: bytes, line: int, *, at_end: bool) -> int:
    """The place after the last newline that ends a record."""
    end = _end_of_good_quoting(block, line, at_end=at_end)
    newline, quotes = block.rfind(b"\n", 0, end), 0
    while newline >= 0:
        quotes += block.count(b'"', newline, end)
        if quotes % 2 == 0:
            break
        newline, end = block.rfind(b"\n", 0, newline), newline
    return newline + 1


def _end_of_good_quoting(block: bytes, line: int, *, at_end: bool) -> int:
    if b'"' not in block:
        return len(block)
    matched = _WELL_QUOTED.match(block)
    end = matched.end() if matched else 0
    if end == len(block) or (not at_end and _UNFINISHED.match(block, end)):
        return end
    at = line + block.count(b"\n", 0, end)
    if _UNFINISHED.match(block, end):
        raise Malformed(at, "a quoted field that is not closed")
    raise Malformed(at, 'a quote (") in the wrong place; RFC 4180 doubles quotes inside quotes')


def _check_line_ends(block: bytes, line: int) -> None:
    if block.count(b"\r") == block.count(b"\r\n"):
        return
    before = quotes = 0
    for lone in re.finditer(rb"\r(?!\n)", block):
        quotes += block.count(b'"', before, lone.start())
        before = lone.start()
        if quotes % 2 == 0:
            at = line + block.count(b"\n", 0, before)
            raise Malformed(at, "a carriage return without a line feed")
