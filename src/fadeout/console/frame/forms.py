"""How fields are drawn: one template for all forms."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Fields with their label, help and errors tied to them for those who hear the page."""

    field_template_name = "frame/field.html"
