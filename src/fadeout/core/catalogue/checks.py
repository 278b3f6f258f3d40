"""The check that stops start-up and build when a column is not classified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import CharField, JSONField, Model, TextField

from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Action, Column, DataClass, Reach, RowAction, Table
from fadeout.core.errors import DidNotHold


@register()
def every_column_is_classified(**_: Any) -> list[CheckMessage]:
    """Models and catalogue name the same tables and columns, and whatever stays has its reason."""
    try:
        declared = declaration.tables()
    except declaration.DeclarationError as error:
        return [Error(str(error), id="fadeout.E001")]
    return [*_compare(apps.get_models(include_auto_created=True), declared), *_doubts(declared)]


def require() -> None:
    """Refuse to start with a catalogue that is not complete.

    Raises:
        DidNotHold: a column is not classified, or stays without a reason.
    """
    if findings := every_column_is_classified():
        raise DidNotHold(
            f"The personal-data catalogue is not complete: {findings[0].msg}",
            way_out="fadeout check lists all findings and where to mend them.",
        )


def _compare(models: Any, declared: Any) -> Iterator[CheckMessage]:
    seen: set[str] = set()
    for model in models:
        seen.add(model._meta.db_table)
        yield from _compare_table(model, declared.get(model._meta.db_table))
    for name in sorted(set(declared) - seen):
        yield Error(f"The catalogue declares table {name}, which no model has.", id="fadeout.E004")


def _compare_table(model: type[Model], table: Table | None) -> Iterator[CheckMessage]:
    name = model._meta.db_table
    room = model._meta.app_label
    if table is None:
        yield Error(
            f"Table {name} is not in the personal-data catalogue.",
            hint=f"Declare it in {room}/personal_data.toml: what each column is, and what "
            "deletion and anonymisation do to it.",
            id="fadeout.E002",
        )
        return
    columns = {str(field.column) for field in model._meta.local_concrete_fields}
    for column in sorted(columns - set(table.columns)):
        yield Error(
            f"Column {name}.{column} is not classified.",
            hint=f"Add it to {room}/personal_data.toml.",
            id="fadeout.E003",
        )
    yield from _texts_that_cannot_be_searched(model, table)
    for column in sorted(set(table.columns) - columns):
        yield Error(
            f"The catalogue declares {name}.{column}, which the model does not have.",
            id="fadeout.E004",
        )


def _texts_that_cannot_be_searched(model: type[Model], table: Table) -> Iterator[CheckMessage]:
    """The search for residue reads texts and JSON: free text of another type would be passed over."""
    for field in model._meta.local_concrete_fields:
        column = table.columns.get(str(field.column))
        is_searched = isinstance(field, (TextField, CharField, JSONField))
        if column and column.data_class is DataClass.FREE_TEXT and not is_searched:
            yield Error(
                f"Column {table.name}.{column.name} is free text, of a type that is not searched.",
                hint="Make it a text or JSON, or declare what it is.",
                id="fadeout.E007",
            )


def _doubts(declared: Any) -> Iterator[CheckMessage]:
    for table in declared.values():
        if table.deletion != RowAction.KEEP and table.reach is Reach.NONE:
            yield Error(f"Table {table.name} has no way to its contact.", id="fadeout.E005")
        for column in table.columns.values():
            if column.data_class.is_personal and _stays(table, column) and not column.why:
                yield Error(
                    f"Column {table.name}.{column.name} is personal and stays: why?",
                    hint='Give the reason with why = "…".',
                    id="fadeout.E006",
                )
            asked = {*column.identifier_if, *column.searched_unless}
            for condition in sorted(asked - set(table.columns)):
                yield Error(
                    f"What column {table.name}.{column.name} is hangs on {condition}, and there is no "
                    "such column.",
                    id="fadeout.E008",
                )


def _stays(table: Table, column: Column) -> bool:
    return any(
        rows is not RowAction.REMOVE and action is Action.KEEP
        for rows, action in (
            (table.deletion, column.deletion),
            (table.anonymisation, column.anonymisation),
        )
    )
