from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "fadeout.runs"
    label = "runs"
