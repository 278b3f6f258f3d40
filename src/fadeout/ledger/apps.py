from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "fadeout.ledger"
    label = "ledger"

    def ready(self) -> None:
        from fadeout.ledger import hooks  # noqa: F401, PLC0415 - listens to the institution
