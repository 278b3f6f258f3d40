"""The list of findings of a run, as it grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind as LedgerKind
from fadeout.residue import queries
from fadeout.residue.identifiers import Kind
from fadeout.residue.models import Done, Finding

FINDINGS_AT_ONCE = 5_000


class Place(NamedTuple):
    """A text: table, column, key of the row."""

    table: str
    column: str
    row: str


Findings = Counter[tuple[Place, Kind, Done]]
Left = Callable[[Place, Kind, Done], None]


def add(run_number: int, found: Findings) -> None:
    """Put findings on the list of a run."""
    Finding.objects.bulk_create(
        [
            Finding(
                run_number=run_number, kind=kind.word, done=done, count=count,
                table_name=place.table, column_name=place.column, row=place.row,
            )
            for (place, kind, done), count in found.items()
        ],
        batch_size=1_000,
    )  # fmt: skip


@contextmanager
def listing_what_is_left(run_number: int) -> Iterator[Left]:
    """List anew what a search finds and leaves: until now, rows came and went."""
    Finding.objects.filter(run_number=run_number).exclude(done=Done.REDACTED).delete()
    found: Findings = Counter()

    def left(place: Place, kind: Kind, done: Done) -> None:
        found[place, kind, done] += 1
        if len(found) >= FINDINGS_AT_ONCE:
            add(run_number, found)
            found.clear()

    yield left
    add(run_number, found)


def forget_rows(run_number: int, *, by: Operator, now: datetime) -> int:
    """Somebody judged the list: which texts it was is not kept any longer. Tells how many there were."""
    with transaction.atomic():
        judged = queries.left_to_judge(run_number)
        Finding.objects.filter(run_number=run_number).update(row=None)
        facts = {"run": run_number, "judged": judged}
        ledger.record(LedgerKind.RESIDUE, by=by, now=now, facts=facts)
    return judged
