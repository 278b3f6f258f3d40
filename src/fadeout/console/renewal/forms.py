"""What people type to begin a renewal."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fadeout.renewal.operations import DEFAULT_MONTHS, DEFAULT_WITHIN, LONGEST_NAME, MOST_MONTHS
from fadeout.renewal.refusals import RenewalRefused

OWN, HOUSE = "fadeout", "house"


class RenewalForm(forms.Form):
    """What it is called, where its letter leads, and who is due."""

    #: So that what is sent twice begins one.
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=LONGEST_NAME,
        help_text=gettext_lazy(
            "Link, target and campaign are called like it. Such as: Renewal of spring 2027."
        ),
    )  # fmt: skip
    page = forms.ChoiceField(
        label=gettext_lazy("Where the letter leads"),
        choices=[
            (OWN, gettext_lazy("Fadeout's page, in your name and colours")),
            (HOUSE, gettext_lazy("a page of your own")),
        ],
        widget=forms.RadioSelect,
        initial=OWN,
    )
    page_url = forms.CharField(
        label=gettext_lazy("Address of your own page"), required=False, max_length=2_000,
        widget=forms.URLInput({"placeholder": "https://www.example.org/stay"}),
    )  # fmt: skip
    within = forms.IntegerField(
        label=gettext_lazy("Ask those who fall due within, in months"),
        min_value=1, max_value=MOST_MONTHS, initial=DEFAULT_WITHIN,
        help_text=gettext_lazy("Counted by the period of the policy; who is overdue is asked, too."),
    )  # fmt: skip
    months = forms.IntegerField(
        label=gettext_lazy("Simulate as if the period were, in months"),
        min_value=1, max_value=MOST_MONTHS, initial=DEFAULT_MONTHS,
        help_text=gettext_lazy("Shorter than the policy's: the plan before, to compare with later."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A page of one's own needs an address."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("page") == HOUSE and not cleaned.get("page_url"):
            self.add_error("page_url", _("Give the address of your page."))
        return cleaned

    def given(self) -> dict[str, Any]:
        """As the domain takes it."""
        typed = self.cleaned_data
        return {
            "name": typed["name"],
            "page_url": typed["page_url"] if typed["page"] == HOUSE else None,
            "months": typed["months"],
            "within": typed["within"],
            "public_id": typed["once"],
        }

    def refuse(self, refused: RenewalRefused) -> None:
        """Tell a refusal of the domain at its field."""
        self.add_error(refused.field, refused.beside_a_field)
