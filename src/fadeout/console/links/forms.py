"""What people type about a tracked link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fadeout.links import destinations
from fadeout.links.operations import LONGEST_NAME
from fadeout.links.refusals import LinkRefused

MOST_LETTERS = 100


class LinkForm(forms.Form):
    """The builder: a name, a page, and what is added to its address."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("What the link is for, such as “Poster in the foyer, spring”."),
    )
    destination = forms.CharField(
        label=_("Where it leads"),
        max_length=destinations.LONGEST,
        help_text=_("The page that opens. It cannot be changed later: posters stay up."),
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    utm_source = forms.CharField(label=_("Source"), required=False, max_length=MOST_LETTERS)
    utm_medium = forms.CharField(label=_("Medium"), required=False, max_length=MOST_LETTERS)
    utm_campaign = forms.CharField(label=_("Campaign"), required=False, max_length=MOST_LETTERS)
    utm_term = forms.CharField(label=_("Search term"), required=False, max_length=MOST_LETTERS)
    utm_content = forms.CharField(label=_("Variant"), required=False, max_length=MOST_LETTERS)

    def clean(self) -> dict[str, Any]:
        """With the whole address in ``leads_to``."""
        given = super().clean() or {}
        if "destination" in given:
            try:
                address = destinations.checked(given["destination"])
                given["leads_to"] = destinations.checked(destinations.with_utm(address, given))
            except LinkRefused as refused:
                self.refuse(refused)
        return given

    def refuse(self, refused: LinkRefused) -> None:
        """Tell a refusal of the domain at its field."""
        self.add_error(refused.field, refused.beside_a_field)

    def parameters(self) -> list[forms.BoundField]:
        """The fields that are added to the address."""
        return [self[name] for name in destinations.UTM]
