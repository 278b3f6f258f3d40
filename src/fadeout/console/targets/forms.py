"""What people fill in about targets: names, and the fields of each condition of a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.contacts import search
from fadeout.contacts.words import ANSWERS, CHANNELS, KINDS, PURPOSES
from fadeout.core.places import country_name, language_name
from fadeout.targets import queries, words
from fadeout.targets.conditions import LONGEST, SHAPES, Ask, How, Mistake, On, Path, Value, entries
from fadeout.targets.operations import LONGEST_NAME

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from fadeout.targets.models import Target

    Choices = list[tuple[str, str]]

#: More than that nobody looks through: then the code is typed.
MOST_CHOICES = 300


class NameForm(forms.Form):
    """What a target is called."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    #: What the target will be known by, so that what is sent twice makes one.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    #: The target as it was when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NumberForm(forms.Form):
    """Of whom to tell why they are in, or not."""

    number = forms.CharField(label=_("Contact number"), max_length=LONGEST)


def new_name() -> NameForm:
    """The form of a target that is not there yet."""
    return NameForm(initial={"key": uuid4()})


class Known:
    """What there is to choose from; each list is read once, and only if it is asked for."""

    def __init__(self, of: Target | None = None) -> None:
        self._of = of

    @cached_property
    def organisations(self) -> Choices:
        return queries.organisations()

    @cached_property
    def products(self) -> Choices:
        return queries.products(MOST_CHOICES + 1)

    @cached_property
    def languages(self) -> Choices:
        return sorted(((tag, language_name(tag)) for tag in search.languages()), key=_by_name)

    @cached_property
    def countries(self) -> Choices:
        return sorted(((code, country_name(code)) for code in search.countries()), key=_by_name)

    @cached_property
    def targets(self) -> Choices:
        return [
            (str(target.public_id), target.name)
            for target in queries.all_targets()
            if self._of is None or target.pk != self._of.pk
        ]

    def of(self, kind: Value | None) -> Choices | None:
        """The choices of a kind of value; nothing where it is typed."""
        read = _CHOICES.get(kind) if kind else None
        choices = read(self) if read else None
        return None if choices is not None and len(choices) > MOST_CHOICES else choices


_CHOICES: Mapping[Value, Callable[[Known], Choices]] = {
    Value.ANSWER: lambda _known: [(str(code), str(name)) for code, name in ANSWERS.items()],
    Value.KIND: lambda _known: [(str(code), str(name)) for code, name in KINDS.items()],
    Value.LANGUAGE: lambda known: known.languages,
    Value.COUNTRY: lambda known: known.countries,
    Value.ORGANISATION: lambda known: known.organisations,
    Value.PRODUCT: lambda known: known.products,
    Value.TARGET: lambda known: known.targets,
}


def _by_name(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


class _Placed(forms.Form):
    """Fields that carry their place in the tree behind their name."""

    def __init__(self, path: Path, values: Mapping[str, str]) -> None:
        self.place = ".".join(map(str, path))
        super().__init__({self.add_prefix(name): value for name, value in values.items()})

    def add_prefix(self, field_name: str) -> str:
        return f"{field_name}:{self.place}"

    def tell(self, mistakes: Iterable[Mistake]) -> None:
        """Show what is wrong at the field that it is wrong with."""
        for mistake in mistakes:
            field = mistake.entry if mistake.entry in self.fields else next(iter(self.fields))
            self.add_error(field, words.fault(mistake))


class GroupForm(_Placed):
    """How the parts of a group hold together."""

    how = forms.CharField(label=pgettext_lazy("group", "Somebody is meant if"))

    def __init__(self, path: Path, how: str) -> None:
        super().__init__(path, {"how": how})
        self.fields["how"].widget = forms.Select(choices=_named(words.HOWS))


class ConditionForm(_Placed):
    """One condition: what it asks about, how, and with what it compares."""

    on = forms.CharField(label=pgettext_lazy("condition", "What"))
    test = forms.CharField(label=pgettext_lazy("condition", "How"))

    def __init__(self, path: Path, values: Mapping[str, str], known: Known) -> None:
        super().__init__(path, values)
        on, test = On(values["on"]), Ask(values["test"])
        tests = SHAPES[on].tests
        self.fields["on"].widget = forms.Select(_reshapes(), choices=_named(words.SUBJECTS))
        self.fields["test"].widget = (
            forms.Select(_reshapes(), choices=[(t.value, words.ASKS[t]) for t in tests])
            if len(tests) > 1
            else forms.HiddenInput()
        )
        for entry in entries(on, test):
            self.fields[entry] = _entry(entry, tests[test], values.get(entry, ""), known)


def _reshapes() -> dict[str, str]:
    """Another choice asks for other fields: the draft is drawn anew."""
    return {
        "hx-post": reverse("target_draft"), "hx-trigger": "change", "hx-target": "#asked",
        "hx-include": "closest form", "hx-sync": "closest form:replace",
    }  # fmt: skip


def _entry(entry: str, kind: Value | None, value: str, known: Known) -> forms.CharField:
    if entry in ("purpose", "channel", "name"):
        listed = {"purpose": "purposes", "channel": "channels"}.get(entry)
        attributes = {"list": listed} if listed else {}
        widget: forms.Widget = forms.TextInput({"autocomplete": "off", **attributes})
        return forms.CharField(label=_LABELS[entry], required=False, widget=widget)
    choices = known.of(kind)
    if choices is not None:
        if value not in dict(choices):
            choices = [(value, value or "—"), *choices]
        return forms.CharField(
            label=_VALUES[kind], required=False, widget=forms.Select(choices=choices)
        )
    label = _("To") if entry == "until" else _VALUES[kind]
    attributes = {"autocomplete": "off"}
    if kind in (Value.DAY, Value.MONTHS):
        attributes["inputmode"] = "numeric"
    help_text = _("As 20241128 or 2024-11-28") if kind is Value.DAY else ""
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attributes)
    )


def _named(named: Mapping[str, Promise | str]) -> list[tuple[str, Promise | str]]:
    return [(str(code), name) for code, name in named.items()]


_LABELS: Mapping[str, Any] = {
    "name": _("Name of the criterion"),
    "purpose": _("Purpose"),
    "channel": _("Channel"),
}
_VALUES: Mapping[Value | None, Any] = {
    None: "",
    Value.DAY: pgettext_lazy("condition", "Day"),
    Value.MONTHS: pgettext_lazy("condition", "Months"),
    Value.TEXT: pgettext_lazy("condition", "Text"),
    Value.ANSWER: pgettext_lazy("condition", "Answer"),
    Value.KIND: pgettext_lazy("condition", "Kind"),
    Value.LANGUAGE: pgettext_lazy("condition", "Language"),
    Value.COUNTRY: pgettext_lazy("condition", "Country"),
    Value.ORGANISATION: pgettext_lazy("condition", "Organisation"),
    Value.PRODUCT: pgettext_lazy("condition", "Product"),
    Value.TARGET: pgettext_lazy("condition", "Target"),
}


def drawn(draft: dict[str, Any], mistakes: Iterable[Mistake], known: Known) -> dict[str, Any]:
    """A draft as the template draws it: forms within forms, with the mistakes at their places."""
    return _drawn(draft, (), tuple(mistakes), known)


def _drawn(
    draft: dict[str, Any], path: Path, mistakes: tuple[Mistake, ...], known: Known
) -> dict[str, Any]:
    how = next((name for name in draft if name in set(How)), None)
    form: _Placed = ConditionForm(path, draft, known) if how is None else GroupForm(path, how)
    form.tell(mistake for mistake in mistakes if mistake.path == path)
    parts = () if how is None else draft[how]
    return {
        "form": form,
        "place": form.place,
        "is_group": how is not None,
        "parts": [_drawn(part, (*path, n), mistakes, known) for n, part in enumerate(parts)],
    }


PURPOSES_LISTED, CHANNELS_LISTED = PURPOSES.items(), CHANNELS.items()
