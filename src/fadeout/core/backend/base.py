"""The database backend: Django's own, but for when foreign keys are checked.

Django defers the check to the commit. An order that is being written would then not hold on to its
contact until the very end, and a run could strike the contact in between: the sale would fail, or
land on an anonymous row. Checked at once, the new order holds its contact from its first moment on,
and a run finds the contact locked.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base, operations

from fadeout.core.backend import SEARCH_PATH


class DatabaseOperations(operations.DatabaseOperations):
    """Foreign keys can be deferred, but are not."""

    def deferrable_sql(self) -> str:
        return " DEFERRABLE INITIALLY IMMEDIATE"


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to PostgreSQL."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        """With the schema of the queue behind that of the house, in whichever session this opens."""
        parameters: dict[str, Any] = super().get_connection_params()
        given = parameters.get("options", "")
        parameters["options"] = f"{given} -c search_path={SEARCH_PATH}".strip()
        return parameters
