"""The forms about contacts. What may be typed is checked by the domain; here it takes shape."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.contacts import search
from fadeout.contacts.changing import LONGEST_NAME, LONGEST_TEXT
from fadeout.contacts.models import Answer, ContactKind
from fadeout.contacts.sought import LONGEST_TYPED, Filters
from fadeout.contacts.words import ANSWERS, KINDS
from fadeout.core.places import country_name, language_name
from fadeout.policy.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fadeout.plans.by_hand import Effect

ANY = ("", pgettext_lazy("filter", "any"))
YES_NO = (ANY, ("yes", pgettext_lazy("filter", "yes")), ("no", pgettext_lazy("filter", "no")))


class FindForm(forms.Form):
    """What to look for."""

    typed = forms.CharField(
        label=_("Number, name, e-mail or phone"), required=False, max_length=LONGEST_TYPED, strip=True,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=(ANY, *KINDS.items()))
    country = forms.ChoiceField(label=_("Country"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    is_prospect = forms.ChoiceField(label=_("Prospect"), required=False, choices=YES_NO)
    is_held = forms.ChoiceField(label=_("Held"), required=False, choices=YES_NO)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["country"].choices = _choices(search.countries(), country_name)  # type: ignore[attr-defined]
        self.fields["language"].choices = _choices(search.languages(), language_name)  # type: ignore[attr-defined]


def _choices(codes: Sequence[str], name: Callable[[str], str]) -> list[tuple[str, Any]]:
    return [ANY, *sorted(((code, name(code)) for code in codes), key=lambda one: one[1].casefold())]


def filters_of(asked: dict[str, Any]) -> Filters:
    """The filters of a form that was filled in."""
    answers = {"yes": True, "no": False}
    return Filters(
        kind=ContactKind(asked["kind"]) if asked.get("kind") else None,
        country=asked.get("country") or None,
        language=asked.get("language") or None,
        is_prospect=answers.get(asked.get("is_prospect", "")),
        is_held=answers.get(asked.get("is_held", "")),
    )


class SeenForm(forms.Form):
    """A form that carries the mark of what it showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AuthorisationForm(forms.Form):
    """The answer for a purpose and a channel that is on file."""

    purpose = forms.CharField(widget=forms.HiddenInput)
    channel = forms.CharField(widget=forms.HiddenInput)
    value = forms.ChoiceField(label=_("Answer"), choices=ANSWERS.items(), widget=forms.RadioSelect)


class AgreementForm(SeenForm):
    """An answer that was not on file, and what goes with all that change."""

    purpose = forms.CharField(label=_("Another purpose"), required=False, max_length=LONGEST_NAME)
    channel = forms.CharField(label=_("Channel"), required=False, max_length=LONGEST_NAME)
    value = forms.ChoiceField(
        label=_("Answer"),
        choices=ANSWERS.items(),
        required=False,
        initial=Answer.YES,
        widget=forms.RadioSelect,
    )
    wording = forms.CharField(
        label=_("What was agreed to"), required=False, max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The words that the contact was asked with. Kept with each answer that changes."),
    )  # fmt: skip
    evidence = forms.CharField(
        label=_("How that is known"), required=False, max_length=LONGEST_TEXT,
        help_text=_("Such as a form with its day, or a call."),
    )  # fmt: skip


class CriterionForm(forms.Form):
    """What a criterion that is on file says."""

    criterion = forms.CharField(widget=forms.HiddenInput)
    value = forms.CharField(required=False, max_length=LONGEST_TEXT)


class NewCriterionForm(SeenForm):
    """A criterion that was not on file."""

    criterion = forms.CharField(
        label=_("Another criterion"), required=False, max_length=LONGEST_NAME
    )
    value = forms.CharField(label=_("Says"), required=False, max_length=LONGEST_TEXT)


class HoldForm(SeenForm):
    """How long a hold counts, and who answers for it."""

    until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("It counts through this day. Without one it has no end."),
    )  # fmt: skip
    owner = forms.CharField(
        label=_("Who answers for it"),
        max_length=LONGEST_NAME,
        help_text=_("Such as: legal department."),
    )


class NewHoldForm(HoldForm):
    """A hold with its reason."""

    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_NAME,
        help_text=_("Such as a file number. “restriction” and “request” are those of data protection."),
    )  # fmt: skip
    field_order = ("reason", "until", "owner", "seen")


class NoteForm(forms.Form):
    """What somebody writes down."""

    text = forms.CharField(
        label=_("Note"), max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 6})
    )


class NewNoteForm(NoteForm):
    """``once`` tells a form that was sent twice."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class EditedNoteForm(NoteForm, SeenForm):
    """A note that is on file."""


class ForgetForm(forms.Form):
    """The last step: what was shown, everything that only warns ticked, and the number of the contact."""

    confirmed = forms.CharField(widget=forms.HiddenInput, max_length=200)
    number = forms.CharField(
        label=_("Type the number of this contact"), max_length=LONGEST_TYPED,
        widget=forms.TextInput({"class": "typed", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(
        self, *arguments: Any, effect: Effect, has_vault: bool, number: str, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self._number = number
        ticks = [(f"despite_{reason}", DESPITE[reason]) for reason in effect.warning]
        if not has_vault and not effect.is_asked:
            ticks.append(("without_recovery", WITHOUT_RECOVERY))
        for name, label in ticks:
            self.fields[name] = forms.BooleanField(label=label, error_messages={"required": TICK})
        self.ticks = [self[name] for name, label in ticks]

    def clean_number(self) -> str:
        """It must be the number of this contact, to the character."""
        typed = str(self.cleaned_data["number"])
        if typed != self._number.strip():
            raise forms.ValidationError(_("This is not the number of this contact."))
        return typed


TICK = _("Tick this first, if it is right so.")
WITHOUT_RECOVERY = _(
    "Nobody shall be able to bring this contact back: the vault is not set up, so nothing is sealed."
)
#: What only warns.
DESPITE = {
    Reason.ACTIVE: _("Forget it although it was active within the period."),
    Reason.STRUCTURE: _(
        "Forget it although it is a structure: those who act for it lose that tie."
    ),
    Reason.ROLE: _("Forget it although it has a role besides being a customer."),
}
