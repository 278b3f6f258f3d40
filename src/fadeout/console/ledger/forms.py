"""What can be asked of the ledger."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fadeout.console.ledger.words import KINDS
from fadeout.core.errors import BadInput
from fadeout.ledger.listing import Wanted
from fadeout.ledger.models import Kind
from fadeout.ledger.queries import Printed

MOST = 2**62


class Filters(forms.Form):
    """Sent by GET: none of it is about people."""

    kind = forms.ChoiceField(label=_("What"), required=False)
    plan = forms.IntegerField(label=_("Plan"), required=False, min_value=1, max_value=MOST)
    run = forms.IntegerField(label=_("Run"), required=False, min_value=1, max_value=MOST)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    before = forms.IntegerField(
        required=False, min_value=1, max_value=MOST, widget=forms.HiddenInput()
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - for the type alone
        kind.choices = [("", _("everything")), *((k.value, name) for k, name in KINDS.items())]

    def wanted(self, time_zone: str) -> Wanted:
        """Which entries; the day is one of the house's."""
        typed = self.cleaned_data
        since = until = None
        if typed["day"]:
            zone = ZoneInfo(time_zone)
            since = datetime.combine(typed["day"], time.min, zone)
            if typed["day"] < date.max:
                until = datetime.combine(typed["day"] + timedelta(days=1), time.min, zone)
        kind = Kind(typed["kind"]) if typed["kind"] else None
        return Wanted(kind, typed["plan"], typed["run"], since, until)

    @property
    def narrows(self) -> bool:
        """Whether not everything is asked for."""
        return any(self.cleaned_data.get(name) for name in ("kind", "plan", "run", "day"))


class Verify(forms.Form):
    """Optionally with a head that a certificate printed."""

    head = forms.CharField(
        label=_("Head that a certificate prints (may stay empty)"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_head(self) -> Printed | None:
        """The head, if there is one."""
        typed = self.cleaned_data["head"]
        try:
            return Printed.read(typed) if typed else None
        except BadInput as error:
            raise ValidationError(error.beside_a_field) from error
