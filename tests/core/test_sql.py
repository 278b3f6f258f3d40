"""Parameters reach the database as they are, however they are written."""

from __future__ import annotations

import pytest

from fadeout.core import sql

LARGE = 2**63 - 1


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ([1, 2, 3], "bigint[]"),
        ([-LARGE - 1, 0, LARGE], "bigint[]"),
        ([True, False], "boolean[]"),
        (["a", "1", "{2}", None], None),
        ([1, None], "smallint[]"),
        ([], None),
        (7, "integer"),
    ],
)
def test_arrays_and_other_values(database: str, given: object, kind: str | None) -> None:
    cast = "" if kind else "::text[]"
    [(told, found)] = sql.rows(
        f"SELECT %(given)s{cast}, pg_typeof(%(given)s{cast})::text", {"given": given}
    )
    assert (told, found) == (given, kind or "text[]")


def test_whole_numbers_choose_rows(database: str) -> None:
    statement = "SELECT n FROM generate_series(1, 5) AS n WHERE n = ANY(%(some)s) ORDER BY n"
    assert sql.rows(statement, {"some": [4, 2, 9]}) == [(2,), (4,)]
    assert sql.execute(statement, {"some": [1]}) == 1
