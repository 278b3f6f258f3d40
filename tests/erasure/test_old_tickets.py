"""What a round found is cleared chunk by chunk; each is looked at again when its turn comes."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import psycopg
import pytest
from django.db import transaction

from fadeout.core import sql
from fadeout.erasure import operations as erasure
from fadeout.erasure.operations import Expiry
from tests import support
from tests.plans.house import OLD, RECENT, house, line, order

EXPIRY = Expiry(cutoff=date(2023, 6, 1), time_zone=support.TIME_ZONE)
TYPED = "SELECT l.id FROM sales_order_line AS l WHERE l.beneficiary_first_name IS NOT NULL ORDER BY l.id"


@pytest.fixture
def lines(database: str, tmp_path: Path) -> list[int]:
    """Four old lines on which something was typed and one of today, found; an order with a remark."""
    rows = [line("O1", line=n, valid_until=OLD, beneficiary_first_name="Zoë") for n in range(1, 5)]
    today = line("O2", valid_until=RECENT, beneficiary_first_name="Ann")
    remarked = order("O3", None, remark="old")
    orders = (order("O1", None), order("O2", None, ordered_at=RECENT), remarked)
    support.imported(house(*orders, *rows, today), tmp_path / "in")
    with transaction.atomic():
        assert erasure.find_expired(EXPIRY) == erasure.count_expired(EXPIRY) == 5
    return typed()


def typed() -> list[int]:
    return [number for (number,) in sql.rows(TYPED)]


def cleared(kind: str, after: int, limit: int = 10) -> tuple[Counter[str], int]:
    with transaction.atomic():
        return erasure.clear_expired(kind, EXPIRY, after=after, limit=limit)


def test_they_are_cleared_in_the_order_of_their_ids(lines: list[int]) -> None:
    assert cleared("line", 0, limit=3) == ({"sales_order_line": 3}, lines[2])
    assert typed() == lines[3:]
    assert cleared("line", lines[2]) == ({"sales_order_line": 1}, lines[3])
    assert cleared("line", lines[3]) == ({}, 0)
    assert typed() == lines[4:]  # the one of today
    removed, last = cleared("order", 0)
    assert removed == {"sales_order": 1}
    assert cleared("order", last) == ({}, 0)
    assert erasure.count_expired(EXPIRY) == 0


def test_one_that_was_given_a_later_day_meanwhile_is_left(lines: list[int]) -> None:
    later = {"id": lines[1], "day": RECENT}
    sql.execute("UPDATE sales_order_line SET valid_until = %(day)s WHERE id = %(id)s", later)
    assert cleared("line", 0) == ({"sales_order_line": 3}, lines[3])
    assert typed() == [lines[1], lines[4]]


def test_a_chunk_that_is_held_elsewhere_does_not_end_the_round(
    lines: list[int], database: str
) -> None:
    with psycopg.connect(database) as other:
        held = [lines[:2]]
        other.execute("SELECT 1 FROM sales_order_line WHERE id = ANY(%s) FOR UPDATE", held)
        assert cleared("line", 0, limit=2) == ({}, lines[1])
        assert cleared("line", lines[1], limit=2) == ({"sales_order_line": 2}, lines[3])
    assert typed() == [*lines[:2], lines[4]]
    with transaction.atomic():
        assert erasure.find_expired(EXPIRY) == 3
    assert cleared("line", 0) == ({"sales_order_line": 2}, lines[1])
