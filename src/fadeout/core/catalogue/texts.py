"""Which columns hold texts that may name somebody, and which ones tell who somebody is.

Both come from the declaration: free text and JSON of every table, a table that is added later
included; and whatever is declared as an identifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, JSONField, Model, UniqueConstraint
from psycopg.sql import SQL, Composable, Identifier, Literal

from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Column, DataClass, Reach


@dataclass(frozen=True)
class TextColumn:
    """A column with texts.

    ``is_once``: no two rows of the table may hold the same. ``identifier``: what its value is, where
    ``condition`` holds. ``exception``: the rows that are not searched. ``emptied_with``: the column that
    is emptied with it, where nothing can be taken out but the whole text.
    """

    name: str
    type: str
    is_json: bool
    is_once: bool
    identifier: declaration.Identifier | None
    condition: tuple[tuple[str, str], ...]
    exception: tuple[tuple[str, str], ...]
    emptied_with: str | None

    def value(self) -> Composable:
        """The text of a row ``t``, as an SQL expression; NULL where it does not count."""
        text = SQL("t.{}::text").format(Identifier(self.name))
        tests = [
            SQL(comparison).format(Identifier(column), Literal(value))
            for comparison, rows in (
                ("t.{} = {}", self.condition),
                ("t.{} IS DISTINCT FROM {}", self.exception),
            )
            for column, value in rows
        ]
        if not tests:
            return text
        return SQL("CASE WHEN {} THEN {} END").format(SQL(" AND ").join(tests), text)


@dataclass(frozen=True)
class TextTable:
    """A table with such columns, in the order of the declaration, and the key of its rows."""

    name: str
    key: str
    key_type: str
    columns: tuple[TextColumn, ...]


@cache
def searched() -> tuple[TextTable, ...]:
    """Every table with free text or JSON, in the order in which erasure goes through them."""
    return tuple(_tables(_may_name_somebody, {}))


@cache
def identifying() -> tuple[TextTable, ...]:
    """Every table with columns that tell who somebody is, names excepted: many have the same."""
    names = (declaration.Identifier.FIRST_NAME, declaration.Identifier.LAST_NAME)
    chosen = {
        (table.name, column.name): column.identifier_if
        for table in declaration.tables().values()
        for column in table.columns.values()
        if column.identifier and column.identifier not in names
    }
    return tuple(_tables(lambda c, f: (f.model._meta.db_table, c.name) in chosen, chosen))


@cache
def contacts() -> tuple[str, Mapping[str, declaration.Identifier]]:
    """The table of contacts, and its columns that tell who somebody is."""
    [table] = [
        t for t in declaration.tables().values()
        if t.reach is Reach.CONTACT and t.reached_by == (key := _models()[t.name]._meta.pk).column
        and not key.is_relation
    ]  # fmt: skip
    columns = {c.name: c.identifier for c in table.columns.values() if c.identifier}
    return table.name, columns


def _may_name_somebody(column: Column, field: Field[Any, Any]) -> bool:
    holds_texts = isinstance(field, JSONField) or column.data_class is DataClass.FREE_TEXT
    return holds_texts and column.searched


def _tables(
    is_chosen: Callable[[Column, Field[Any, Any]], bool],
    conditions: Mapping[tuple[str, str], Mapping[str, str]],
) -> Iterator[TextTable]:
    for table in declaration.tables().values():
        meta = _models()[table.name]._meta
        fields = {field.column: field for field in meta.local_concrete_fields}
        columns = tuple(
            _column(column, fields[name], conditions.get((table.name, name), {}))
            for name, column in table.columns.items()
            if is_chosen(column, fields[name])
        )
        if columns:
            key_type = str(meta.pk.rel_db_type(connection))
            yield TextTable(table.name, str(meta.pk.column), key_type, columns)


def _column(column: Column, field: Field[Any, Any], condition: Mapping[str, str]) -> TextColumn:
    return TextColumn(
        name=str(field.column),
        type=str(field.db_type(connection)),
        is_json=isinstance(field, JSONField),
        is_once=field.unique or field.name in _names_in_unique_constraints(field.model),
        identifier=column.identifier,
        condition=tuple(condition.items()),
        exception=tuple(column.searched_unless.items()),
        emptied_with=column.emptied_with,
    )


def _names_in_unique_constraints(model: type[Model]) -> set[str]:
    return {
        name
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
        for name in constraint.fields
    }


@cache
def _models() -> Mapping[str, type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in models}
