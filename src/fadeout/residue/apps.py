from __future__ import annotations

from django.apps import AppConfig


class ResidueConfig(AppConfig):
    name = "fadeout.residue"
    label = "residue"
