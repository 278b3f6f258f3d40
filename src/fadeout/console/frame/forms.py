"""How fields are drawn: one template for all forms; and the number that must be typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise

#: Digits, with or without what people put between thousands: the same each time.
NUMBER = re.compile(r"\d+|\d{1,3}([ ,.'’\u00a0\u202f])\d{3}(\1\d{3})*", re.ASCII)
NOT_THOSE_STRUCK = _("This is not the number of contacts that will be struck. Nothing was changed.")


class Renderer(TemplatesSetting):
    """Fields with their label, help and errors tied to them for those who hear the page."""

    field_template_name = "frame/field.html"


class TypedNumberField(forms.CharField):
    """The number that confirms what cannot be undone; no other one will do, and ``another`` says so."""

    def __init__(
        self, expected: int, *, another: Promise | str = NOT_THOSE_STRUCK, **options: Any
    ) -> None:
        self.expected, self.another = expected, another
        widget = forms.TextInput(
            attrs={"class": "typed", "inputmode": "numeric", "autocomplete": "off"}
        )
        super().__init__(max_length=30, widget=widget, **options)

    def clean(self, value: Any) -> int:
        """The number.

        Raises:
            ValidationError: it is another one, or none.
        """
        typed = super().clean(value)
        if NUMBER.fullmatch(typed) is None:
            raise forms.ValidationError(_("That is not a number. Nothing was changed."))
        number = int(re.sub(r"\D", "", typed))
        if number != self.expected:
            raise forms.ValidationError(str(self.another))
        return number
