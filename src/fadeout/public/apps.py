from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "fadeout.public"
    label = "public"
