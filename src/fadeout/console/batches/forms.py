"""What people type about a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fadeout.accounts import queries as accounts
from fadeout.accounts.permissions import ROLE_NAMES, Role
from fadeout.batches import schedule
from fadeout.batches.models import Batch
from fadeout.batches.operations import LONGEST_PERIOD, BatchRefused, Refusal
from fadeout.console.batches.words import FAULTS
from fadeout.console.frame.forms import TypedNumberField

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from fadeout.institution.models import Operator

#: The field at which a refusal of the domain is told.
FIELDS = {Refusal.NOBODY_TOLD: "told", Refusal.LEFT: "told", Refusal.MONTHS: "months"}
MOST_SIGNS = 200


class BatchForm(forms.Form):
    """When, after how long without activity, and who is told."""

    schedule = forms.CharField(
        label=_("When"),
        max_length=MOST_SIGNS,
        help_text=_(
            "Five fields as in cron: minute, hour, day of the month, month, day of the week."
        ),
    )
    months = forms.IntegerField(
        label=_("Period of inactivity, in months"), min_value=1, max_value=LONGEST_PERIOD
    )
    told = forms.MultipleChoiceField(
        label=_("Who is told how it ended"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one person who is told how it ended.")},
    )
    enabled = forms.BooleanField(label=_("It is on"), required=False)
    #: What the batch will be known by, so that what is sent twice makes one.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    #: The batch as it was when the form was opened.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.operators = {str(u.operator.public_id): u for u in accounts.users()}
        self.fields["told"].choices = [  # type: ignore[attr-defined]
            (key, f"{user.get_full_name()} ({ROLE_NAMES[Role(user.role)]})")
            for key, user in self.operators.items()
        ]
        self.fields["schedule"].widget.attrs |= {
            "autocomplete": "off", "spellcheck": "false", "hx-get": reverse("batch_schedule"),
            "hx-trigger": "input changed delay:400ms", "hx-target": "#timetable", "hx-sync": "this:replace",
        }  # fmt: skip

    def clean_schedule(self) -> str:
        try:
            return schedule.check(self.cleaned_data["schedule"], self.now)
        except schedule.NotAScheduleError as error:
            raise forms.ValidationError(FAULTS[error.fault]) from error

    def given(self) -> dict[str, Any]:
        """What was typed, as the domain takes it."""
        told: list[Operator] = [self.operators[key].operator for key in self.cleaned_data["told"]]
        return {
            "schedule": self.cleaned_data["schedule"],
            "months": self.cleaned_data["months"],
            "enabled": self.cleaned_data["enabled"],
            "told": told,
        }

    def refuse(self, refused: BatchRefused) -> None:
        """Tell a refusal of the domain at its field."""
        self.add_error(FIELDS.get(refused.code), refused.beside_a_field)


class RealForm(forms.Form):
    """The period typed once more, before a batch strikes by itself."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, batch: Batch) -> None:
        super().__init__(data, initial={"seen": batch.stamp})
        self.batch = batch
        self.fields["typed"] = TypedNumberField(
            batch.months,
            another=_("That is not the period of this batch. Nothing was changed."),
            label=_("Type the period of inactivity, in months"),
        )


def new(told: Operator, months: int) -> dict[str, Any]:
    """What the form of a new batch begins with."""
    return {
        "schedule": "0 3 1 * *", "months": months, "told": [str(told.public_id)],
        "enabled": True, "key": uuid4(),
    }  # fmt: skip


def of(batch: Batch) -> dict[str, Any]:
    """What the form of a batch begins with."""
    return {
        "schedule": batch.schedule,
        "months": batch.months,
        "told": [str(operator.public_id) for operator in batch.told.all()],
        "enabled": batch.enabled,
        "seen": batch.stamp,
    }
