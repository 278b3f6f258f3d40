"""What people fill in about plans."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.batches.operations import LONGEST_PERIOD
from fadeout.console.frame.forms import TypedNumberField
from fadeout.console.frame.words import OUTCOMES, REASONS
from fadeout.plans.listing import STRUCK, Asked
from fadeout.plans.models import RowState
from fadeout.policy import periods
from fadeout.policy.outcomes import Outcome, reasons_of

ANY, DUE = "", "struck"


class SimulateForm(forms.Form):
    """As of which day, after how many months."""

    as_of = forms.DateField(
        label=_("As of"),
        help_text=_("A later day can be looked at, not approved."),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    months = forms.IntegerField(
        label=_("Months of inactivity"),
        help_text=_("The policy's, unless you want to look at another period."),
        min_value=1,
        max_value=LONGEST_PERIOD,
    )

    def clean(self) -> dict[str, Any]:
        """That there is such a cutoff."""
        given = super().clean() or {}
        as_of, months = given.get("as_of"), given.get("months")
        if isinstance(as_of, date) and months:
            try:
                periods.cutoff(as_of, months)
            except ValueError:
                self.add_error("as_of", _("The cutoff would lie before the year 1."))
        return given


class ListForm(forms.Form):
    """Which contacts of a plan."""

    typed = forms.CharField(
        label=_("Number, name or e-mail"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    outcome = forms.ChoiceField(
        label=pgettext_lazy("plan", "Outcome"),
        required=False,
        choices=[
            (DUE, _("would be struck")),
            (Outcome.DELETE.value, OUTCOMES[Outcome.DELETE]),
            (Outcome.ANONYMISE.value, OUTCOMES[Outcome.ANONYMISE]),
            (Outcome.KEEP.value, OUTCOMES[Outcome.KEEP]),
            ("all", pgettext_lazy("outcome", "any")),
        ],
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    state = forms.ChoiceField(
        label=pgettext_lazy("plan", "State"),
        required=False,
        choices=[
            (ANY, pgettext_lazy("state", "any")),
            (RowState.PENDING.value, _("waits to be struck")),
            (RowState.REQUALIFIED.value, _("kept after all")),
        ],
    )

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        reasons = [(reason.value, REASONS[reason]) for reason in reasons_of(kind)]
        self.fields["reason"].choices = [(ANY, pgettext_lazy("reason", "any or none")), *reasons]  # type: ignore[attr-defined]

    def asked(self) -> Asked:
        """The rows that are asked for. A reason that keeps is looked for among those who are kept, too."""
        given = self.cleaned_data
        outcome, reason, state = given["outcome"], given["reason"], given["state"]
        if outcome in ("all", *Outcome):
            outcomes = tuple(Outcome) if outcome == "all" else (Outcome(outcome),)
        else:
            outcomes = tuple(Outcome) if reason else STRUCK
        return Asked(outcomes, reason or None, RowState(state) if state else None)


class ApproveForm(forms.Form):
    """The number of contacts that will be struck, and how many approvals whoever decides has seen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, expected: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["typed"] = TypedNumberField(
            expected,
            label=_("Type the number of contacts that will be struck"),
            help_text=_("It stands in this plan: deleted and anonymised together."),
        )


class StartForm(forms.Form):
    """The same number; whether what goes can be recovered; why a brake is lifted, where one is."""

    def __init__(self, *args: Any, expected: int, asks_recovery: bool, asks_reason: bool,
                 has_vault: bool, **options: Any) -> None:  # fmt: skip
        super().__init__(*args, **options)
        if asks_recovery:
            self.fields["recovery"] = _recovery(has_vault)
        if asks_reason:
            self.fields["reason"] = forms.CharField(
                label=_("Why it may run although it strikes so many"),
                help_text=_("You answer for it: reason and name stand in the ledger."),
                max_length=500,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["typed"] = TypedNumberField(
            expected,
            label=_("Type the number of contacts that will be struck"),
            help_text=_("All deletions and anonymisations of the plan, also when a run goes on."),
        )


def _recovery(has_vault: bool) -> forms.ChoiceField:
    sealed = ("with", _("Seal it: support alone can recover it, with a reason, for a year"))
    nothing = ("without", _("Seal nothing: not even support can recover what goes"))
    return forms.ChoiceField(
        label=_("Recovery"),
        choices=[sealed, nothing] if has_vault else [nothing],
        initial="with" if has_vault else None,
        widget=forms.RadioSelect,
    )
