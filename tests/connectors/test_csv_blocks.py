"""The splitter cuts anywhere and loses nothing, and lets nothing through that is not RFC 4180."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.connectors.exchange import csv_blocks
from fadeout.connectors.exchange.csv_blocks import Malformed, blocks

fields = st.text(st.sampled_from('ab",\n\r é|'), max_size=6)


def written(rows: list[list[str]], end: str) -> bytes:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return sink.getvalue().encode()


@given(
    rows=st.lists(st.lists(fields, min_size=2, max_size=3), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.integers(1, 40),
)
@settings(deadline=None)
def test_blocks_are_whole_records_wherever_they_are_cut(
    rows: list[list[str]], end: str, size: int
) -> None:
    data = written(rows, end)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
        cut = list(blocks(io.BytesIO(data)))
    assert b"".join(block.content for block in cut) == data
    read: list[list[str]] = []
    line = 1
    for block in cut:
        assert block.line == line
        line += block.content.count(b"\n")
        read += csv.reader(io.StringIO(block.content.decode(), newline=""), strict=True)
    assert read == rows


def let_through(data: bytes) -> tuple[bytes, int | None]:
    """All blocks, or the line where they are refused."""
    try:
        return b"".join(block.content for block in blocks(io.BytesIO(data))), None
    except Malformed as malformed:
        return b"", malformed.line


@given(
    data=st.text(st.sampled_from('a",\n\r'), max_size=14).map(str.encode), size=st.integers(1, 9)
)
@settings(deadline=None, max_examples=400)
def test_what_is_let_through_is_what_python_reads_strictly(data: bytes, size: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
        whole, line = let_through(data)
    if line is not None:
        assert 1 <= line <= 1 + data.count(b"\n")
        return
    assert whole == data + (b"" if not data or data.endswith(b"\n") else b"\n")
    for row in csv.reader(io.StringIO(whole.decode(), newline=""), strict=True):
        assert isinstance(row, list)


def test_a_record_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 100)
    monkeypatch.setattr(csv_blocks, "LONGEST_RECORD", 1000)
    with pytest.raises(Malformed, match="a record longer than"):
        list(blocks(io.BytesIO(b'a,"' + b"x" * 5000)))
