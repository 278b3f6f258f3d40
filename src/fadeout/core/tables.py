"""Makes the tables, or brings them to the form that this version needs.

The queue of jobs lives in a schema of its own, which ``search_path`` holds after ``public`` (see the
backend). Its migrations make whatever they make in the first schema of that path.

What could go wrong: somebody migrates by Django's own command, and the queue lands among the tables of
the house, where a restore would bring old jobs back to life. A check before any migration refuses that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import pre_migrate

from fadeout.core import sql
from fadeout.core.backend import QUEUE_SCHEMA, SEARCH_PATH
from fadeout.core.errors import BadInput, DidNotHold

QUEUE_APP = "procrastinate"


def migrate(**options: Any) -> None:
    """Bring all tables up to date."""
    pre_migrate.connect(_require_own_schema, dispatch_uid="queue in its own schema")
    _make_schema()
    MigrationRecorder(connection).ensure_schema()  # in public, before the path is turned around
    sql.execute(f"SET search_path = {QUEUE_SCHEMA}, public")
    with sql.ended_by(lambda: sql.execute(f"SET search_path = {SEARCH_PATH}")):
        call_command("migrate", QUEUE_APP, **options)
    call_command("migrate", **options)


def are_up_to_date() -> bool:
    """Whether nothing is left to migrate."""
    planned = MigrationExecutor(connection)
    return not planned.migration_plan(planned.loader.graph.leaf_nodes())


def _make_schema() -> None:
    """Only where it is not there: PostgreSQL asks for the right to make one even if there is one."""
    if sql.rows("SELECT to_regnamespace(%(name)s)", {"name": QUEUE_SCHEMA}) != [(None,)]:
        return
    try:
        sql.execute(f"CREATE SCHEMA {QUEUE_SCHEMA}")
    except ProgrammingError as error:
        raise BadInput(
            f"The user of FADEOUT_DATABASE_URL may not make the schema {QUEUE_SCHEMA}.",
            way_out=f"Have the owner of the database make it, for this user: "
            f"CREATE SCHEMA {QUEUE_SCHEMA} AUTHORIZATION …",
        ) from error


def _require_own_schema(*, plan: Sequence[tuple[Migration, bool]], **_: Any) -> None:
    queued = any(migration.app_label == QUEUE_APP for migration, _ in plan)
    if queued and sql.rows("SELECT current_schema()") != [(QUEUE_SCHEMA,)]:
        raise DidNotHold(
            "The queue of jobs belongs in a schema of its own. Nothing was changed.",
            way_out="Bring the tables up to date with: fadeout database migrate",
        )
