"""Reports that a run must not change."""

from __future__ import annotations

from typing import Any

from fadeout.core import sql

ORIGIN_COLUMNS = (
    "year", "country", "town", "postcode", "currency", "orders", "tickets", "amount",
)  # fmt: skip


def origin(*, time_zone: str) -> list[tuple[Any, ...]]:
    """Orders, tickets and amounts by local year, country, town, postcode and currency."""
    return sql.rows(sql.load("reports", "origin"), {"time_zone": time_zone})
