from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "fadeout.core"
    label = "core"

    def ready(self) -> None:
        from fadeout.core.catalogue import checks  # noqa: F401, PLC0415 - registers the check
