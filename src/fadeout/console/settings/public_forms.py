"""What people type about public pages: how they look, and what contacts decide there themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fadeout.contacts.changing import LONGEST_NAME, LONGEST_TEXT
from fadeout.contacts.offering import Choice, OfferedAuthorisation, OfferedCriterion, Words
from fadeout.institution.brand import LONGEST_ADDRESS, Look
from fadeout.institution.brand import LONGEST_NAME as LONGEST_PUBLIC_NAME
from fadeout.institution.models import Brand

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
SPOKEN = dict(settings.LANGUAGES)
BETWEEN = "|"


class LookForm(forms.Form):
    """How public pages look."""

    name = forms.CharField(
        label=gettext_lazy("Name on public pages"), required=False, max_length=LONGEST_PUBLIC_NAME,
        help_text=gettext_lazy("Empty: the name of the house."),
    )  # fmt: skip
    accent = forms.CharField(
        label=gettext_lazy("Colour of links and buttons"), required=False, max_length=7,
        help_text=gettext_lazy("Such as #0b4f75. It must be dark enough to be read on white."),
    )  # fmt: skip
    band = forms.CharField(
        label=gettext_lazy("Colour of the head of the page"), required=False, max_length=7,
        help_text=gettext_lazy("Text on it is black or white, whichever can be read better."),
    )  # fmt: skip
    privacy_url = forms.CharField(
        label=gettext_lazy("Address of your privacy policy"),
        required=False,
        max_length=LONGEST_ADDRESS,
    )
    takes_subscriptions = forms.BooleanField(
        label=gettext_lazy("Anybody may subscribe on a page of their own; they confirm it by mail"),
        required=False,
    )

    @classmethod
    def of(cls, brand: Brand) -> LookForm:
        """With what is in force."""
        return cls(initial={name: getattr(brand, name) for name in cls.base_fields})

    def look(self) -> Look:
        """What was typed."""
        colours = {name: self.cleaned_data[name].lower() for name in ("accent", "band")}
        return Look(**(self.cleaned_data | colours))


class LogoForm(forms.Form):
    """A picture. What it is comes from its content."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy("PNG or JPEG, up to 1 MB."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
    )


class OfferedForm(forms.Form):
    """The number of the version that was looked at goes along."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def _in_languages(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data[f"{name}_{code}"] for code in LANGUAGES}


def _label(code: str) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Beside the box, in %(language)s") % {"language": SPOKEN[code]},
        required=False, max_length=LONGEST_NAME, widget=forms.TextInput({"lang": code}),
    )  # fmt: skip


class OfferedAuthorisationForm(OfferedForm):
    """A purpose and a channel, with the words of each language."""

    purpose = forms.CharField(
        label=gettext_lazy("Purpose"), max_length=LONGEST_NAME,
        help_text=gettext_lazy("As in the system that sells, such as: institution."),
    )  # fmt: skip
    channel = forms.CharField(
        label=gettext_lazy("Channel"), max_length=LONGEST_NAME,
        help_text=gettext_lazy("As in the system that sells, such as: email."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for code in LANGUAGES:
            self.fields[f"label_{code}"] = _label(code)
            self.fields[f"wording_{code}"] = forms.CharField(
                label=_("What they agree to, in %(language)s") % {"language": SPOKEN[code]},
                required=False, max_length=LONGEST_TEXT,
                widget=forms.Textarea({"rows": 3, "lang": code}),
            )  # fmt: skip

    @classmethod
    def values(cls, offered: OfferedAuthorisation) -> dict[str, str]:
        """What it says now."""
        values = {"purpose": offered.purpose, "channel": offered.channel}
        for code, words in offered.words.items():
            values |= {f"label_{code}": words.label, f"wording_{code}": words.wording}
        return values

    def offered(self) -> OfferedAuthorisation:
        """What was typed."""
        labels, wordings = self._in_languages("label"), self._in_languages("wording")
        return OfferedAuthorisation(
            purpose=self.cleaned_data["purpose"],
            channel=self.cleaned_data["channel"],
            words={code: Words(labels[code], wordings[code]) for code in LANGUAGES},
        )


class OfferedCriterionForm(OfferedForm):
    """A criterion with its choices, one a line: the value, and what it is called in each language."""

    criterion = forms.CharField(
        label=gettext_lazy("Criterion"), max_length=LONGEST_NAME,
        help_text=gettext_lazy("As in the system that sells, such as: interest."),
    )  # fmt: skip
    choices = forms.CharField(
        label=gettext_lazy("Choices, one a line"), max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "The value | English | Français | Deutsch. Such as: opera | Opera | Opéra | Oper"
        ),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for code in LANGUAGES:
            self.fields[f"label_{code}"] = _label(code)
        self.order_fields(["criterion", *(f"label_{code}" for code in LANGUAGES), "choices"])

    @classmethod
    def values(cls, offered: OfferedCriterion) -> dict[str, str]:
        """What it says now."""
        lines = [
            f" {BETWEEN} ".join([choice.value, *(choice.labels.get(c, "") for c in LANGUAGES)])
            for choice in offered.choices
        ]
        labels = {f"label_{code}": label for code, label in offered.labels.items()}
        return {"criterion": offered.criterion, "choices": "\n".join(lines)} | labels

    def clean_choices(self) -> tuple[Choice, ...]:
        """Each line with its value and at least one name."""
        lines = [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]
        return tuple(self._choice(number, line) for number, line in enumerate(lines, start=1))

    def _choice(self, number: int, line: str) -> Choice:
        value, *labels = (part.strip() for part in line.split(BETWEEN))
        if len(labels) > len(LANGUAGES) or not value or not any(labels):
            raise forms.ValidationError(
                _("Line %(number)s: write the value, and then what it is called in each language.")
                % {"number": number}
            )
        return Choice(value, dict(zip(LANGUAGES, labels, strict=False)))

    def offered(self) -> OfferedCriterion:
        """What was typed."""
        return OfferedCriterion(
            criterion=self.cleaned_data["criterion"],
            labels=self._in_languages("label"),
            choices=self.cleaned_data["choices"],
        )
