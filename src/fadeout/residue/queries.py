"""Reads of the list of findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import CharField, Count, ForeignKey, Model, Sum, TextField, UniqueConstraint

from fadeout.residue.models import Done, Finding

ROWS_AT_ONCE = 1_000


class Total(NamedTuple):
    """Findings of one kind in one column, and in how many texts."""

    table: str
    column: str
    kind: str
    done: str
    found: int
    texts: int


class Left(NamedTuple):
    """A text in which something was left. ``key``: what its row, or whatever it belongs to, is known by."""

    table: str
    column: str
    row: str
    key: str | None
    kind: str
    done: str
    times: int


def totals(run_number: int) -> list[Total]:
    """Findings by table, column, kind and what was done."""
    grouped = Finding.objects.filter(run_number=run_number).values_list(
        "table_name", "column_name", "kind", "done"
    )
    counted = grouped.annotate(found=Sum("count"), texts=Count("pk"))
    return [Total(*row) for row in counted.order_by("table_name", "column_name", "kind", "done")]


def counts(run_number: int) -> dict[str, int]:
    """What was done with findings -> how many there were; judging them changes none."""
    found = Finding.objects.filter(run_number=run_number).values_list("done")
    return {done: int(count) for done, count in found.annotate(Sum("count")).order_by("done")}


def left_to_judge(run_number: int) -> int:
    """In how many texts something was left that nobody judged yet."""
    left = Finding.objects.filter(run_number=run_number, row__isnull=False)
    return left.exclude(done=Done.REDACTED).count()


def runs_to_judge() -> dict[int, int]:
    """Run -> texts in which something was left that nobody judged yet; only runs that left something."""
    left = Finding.objects.filter(row__isnull=False).exclude(done=Done.REDACTED)
    counted = left.values_list("run_number").annotate(texts=Count("pk"))
    return dict(counted.order_by("run_number"))


def to_judge(run_number: int) -> Iterator[Left]:
    """What was left for a person to judge, text by text; nothing of what was judged."""
    left = Finding.objects.filter(run_number=run_number, row__isnull=False)
    ordered = left.exclude(done=Done.REDACTED).order_by("table_name", "column_name", "pk")
    rows = ordered.values_list("table_name", "column_name", "row", "kind", "done", "count")
    for table, of_table in groupby(rows.iterator(chunk_size=ROWS_AT_ONCE), key=lambda row: row[0]):
        while some := list(islice(of_table, ROWS_AT_ONCE)):
            keys = _keys(table, [str(row) for _, _, row, *_ in some])
            for name, column, row, kind, done, times in some:
                yield Left(name, column, str(row), keys.get(str(row)), kind, done, times)


def _keys(table: str, rows: Sequence[str]) -> dict[str, str]:
    """Row -> what people know it by."""
    [model] = [m for m in apps.get_models() if m._meta.db_table == table]
    path = _way_to_a_key(model)
    if path is None:
        return {}
    found = model._base_manager.filter(pk__in=rows).values_list("pk", path)
    return {str(row): key for row, key in found}


def _way_to_a_key(model: type[Model]) -> str | None:
    """A text that no two rows have, its own or that of the row that it is unique within."""
    constraints = [c.fields for c in model._meta.constraints if isinstance(c, UniqueConstraint)]
    for fields in sorted(constraints, key=len):
        field: Any = model._meta.get_field(fields[0])
        if len(fields) == 1 and isinstance(field, (TextField, CharField)):
            return field.name
        if isinstance(field, ForeignKey):
            further = _way_to_a_key(field.related_model)
            return further and f"{field.name}__{further}"
    return None
