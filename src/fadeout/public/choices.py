"""The form with which contacts decide: a box for each authorisation, a list for each criterion.

What could go wrong, and what prevents it:

- A value that an operator set is none of the choices, and saving the page would remove it: it stays unless
  somebody chooses another.
- What was never shown is taken for a no: only what the version offers that the form was made of is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from fadeout.contacts.offering import Offering
from fadeout.contacts.self_service import OwnRecord, Wanted

NONE, AS_IT_IS = "", "~"


class ChoicesForm(forms.Form):
    """What is offered in one language, and what is in force."""

    number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *arguments: Any,
        offered: Offering,
        language: str,
        own: OwnRecord | None = None,
        with_criteria: bool = True,
    ) -> None:
        super().__init__(*arguments)
        self.offered, self.language = offered, language
        self.criteria = offered.criteria if with_criteria else ()
        self.fields["number"].initial = offered.number
        for place, one in enumerate(offered.authorisations):
            spoken, words = one.said_in(language)
            self.fields[f"answer_{place}"] = forms.BooleanField(
                required=False, label=words.label, help_text=words.wording,
                initial=own is not None and one.key in own.yes,
                widget=forms.CheckboxInput({"lang": spoken}),
            )  # fmt: skip
        for place, criterion in enumerate(self.criteria):
            now = own.criteria.get(criterion.criterion, NONE) if own else NONE
            choices = [(c.value, c.said_in(language)) for c in criterion.choices]
            is_another = now not in (NONE, *(value for value, _label in choices))
            self.fields[f"criterion_{place}"] = forms.ChoiceField(
                required=False, label=criterion.said_in(language),
                choices=[*([(AS_IT_IS, _("as it is"))] if is_another else []), (NONE, "—"), *choices],
                initial=AS_IT_IS if is_another else now,
            )  # fmt: skip

    def boxes(self) -> Iterator[BoundField]:
        """One for each authorisation."""
        return (self[name] for name in self.fields if name.startswith("answer_"))

    def lists(self) -> Iterator[BoundField]:
        """One for each criterion."""
        return (self[name] for name in self.fields if name.startswith("criterion_"))

    def wanted(self) -> Wanted:
        """What somebody wants."""
        return Wanted(
            number=self.cleaned_data["number"],
            answers={
                one.key: self.cleaned_data[f"answer_{place}"]
                for place, one in enumerate(self.offered.authorisations)
            },
            criteria={
                one.criterion: value or None
                for place, one in enumerate(self.criteria)
                if (value := self.cleaned_data[f"criterion_{place}"]) != AS_IT_IS
            },
        )

    def ticked(self) -> tuple[int, ...]:
        """The places of the authorisations that were ticked."""
        count = len(self.offered.authorisations)
        return tuple(place for place in range(count) if self.cleaned_data[f"answer_{place}"])
