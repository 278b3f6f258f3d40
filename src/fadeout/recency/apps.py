from __future__ import annotations

from django.apps import AppConfig


class RecencyConfig(AppConfig):
    name = "fadeout.recency"
    label = "recency"
