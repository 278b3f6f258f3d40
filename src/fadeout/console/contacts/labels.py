"""Changing authorisations and criteria: whoever does it is told beforehand that it is activity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.forms import formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import answers, shown
from fadeout.console.contacts.desk import of_contact, sheet
from fadeout.console.contacts.forms import (
    AgreementForm,
    AuthorisationForm,
    CriterionForm,
    NewCriterionForm,
    SeenForm,
)
from fadeout.console.contacts.sheets import answered, labelled
from fadeout.console.frame.access import needs
from fadeout.contacts.changing import AuthorisationChange, CriterionChange
from fadeout.contacts.models import Answer
from fadeout.contacts.refusals import Refused, Why
from fadeout.recency import changing, lists

if TYPE_CHECKING:
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.recency.sheets import Sheet


@dataclass(frozen=True)
class Labels:
    """What differs between authorisations and criteria: both are rows on file, and one to be added."""

    #: Of the template, of the mark of what was seen, and of the histories on a sheet.
    name: str
    form: type[SeenForm]
    row: type[Form]
    #: Fields that are filled in both, or not at all.
    both: tuple[str, str]
    typed: Callable[[Any], dict[str, str]]
    told: Callable[[Any], dict[str, Any]]
    changes: Callable[[Any, Any], list[Any]]
    save: Callable[..., int]
    are_in_force: Callable[[list[Any], Sheet], bool]


@needs(Permission.EDIT_CONTACTS)
@of_contact
def authorisations(request: Request, public_id: UUID) -> HttpResponse:
    """Answers as an operator takes them down."""
    return _answer(request, public_id, AUTHORISATIONS)


@needs(Permission.EDIT_CONTACTS)
@of_contact
def criteria(request: Request, public_id: UUID) -> HttpResponse:
    """Labels as an operator sets them."""
    return _answer(request, public_id, CRITERIA)


def _answer(request: Request, public_id: UUID, labels: Labels) -> HttpResponse:
    Rows = formset_factory(labels.row, extra=0)  # noqa: N806 - a class
    refused = None
    if request.method == "POST":
        form, rows = labels.form(request.POST), Rows(request.POST, prefix="on_file")
        if form.is_valid() & rows.is_valid() and _is_whole(form, *labels.both):
            changes = labels.changes(form, rows)
            try:
                count = labels.save(
                    public_id, changes, seen=form.cleaned_data["seen"], now=request.desk.now,
                    time_zone=request.desk.house.time_zone,
                )  # fmt: skip
                return _changed(request, public_id, count)
            except Refused as error:
                refused = error
                answers.tell(form, error)
        on_file = sheet(request, public_id)
        if _is_changed(refused) and labels.are_in_force(changes, on_file):
            return answers.nothing_to_do(request, public_id, _("That is on file already."))
    else:
        on_file = sheet(request, public_id)
        typed = [labels.typed(history) for history in getattr(on_file, labels.name)]
        form = labels.form(initial={"seen": getattr(on_file.seen, labels.name)})
        rows = Rows(prefix="on_file", initial=typed)
    now = [labels.told(history) for history in getattr(on_file, labels.name)]
    return answers.page(
        request, f"contacts/{labels.name}.html", _told(request, on_file) | {"rows": rows, "now": now},
        form=form, seen=getattr(on_file.seen, labels.name), refused=refused,
    )  # fmt: skip


def _told(request: Request, on_file: Sheet) -> dict[str, Any]:
    """What a change would do to recency, said before it is saved."""
    stay, today = on_file.stay, request.desk.today
    return shown.about(on_file.identity) | {
        "moves_recency": today > stay.recency_on,
        "would_stay_until": lists.stays_until(max(today, stay.recency_on), stay.months),
    }


def _is_whole(form: Any, first: str, second: str) -> bool:
    """Whether what is added is given in both its fields, or not at all."""
    given = [bool(form.cleaned_data[name]) for name in (first, second)]
    if any(given) and not all(given):
        form.add_error(first if given[1] else second, _("Fill in both, or neither."))
        return False
    return True


def _authorisation_changes(form: Any, rows: Any) -> list[AuthorisationChange]:
    common = {"wording": form.cleaned_data["wording"], "evidence": form.cleaned_data["evidence"]}
    asked = [row.cleaned_data for row in rows]
    if form.cleaned_data["purpose"]:
        asked.append(form.cleaned_data)
    return [
        AuthorisationChange(
            one["purpose"], one["channel"], Answer(one["value"] or Answer.UNANSWERED), **common
        )
        for one in asked
    ]


def _criterion_changes(form: Any, rows: Any) -> list[CriterionChange]:
    asked = [row.cleaned_data for row in rows]
    if form.cleaned_data["criterion"]:
        asked.append(form.cleaned_data)
    return [CriterionChange(one["criterion"], one["value"] or None) for one in asked]


def _is_changed(refused: Refused | None) -> bool:
    return refused is not None and refused.why is Why.CHANGED_MEANWHILE


def _are_in_force(changes: list[AuthorisationChange], on_file: Sheet) -> bool:
    known = {(h.purpose, h.channel): h.in_force.value for h in on_file.authorisations}
    return all(known.get((c.purpose, c.channel), Answer.UNANSWERED) == c.value for c in changes)


def _say_so(changes: list[CriterionChange], on_file: Sheet) -> bool:
    known = {h.criterion: h.in_force.value for h in on_file.criteria}
    return all(known.get(c.criterion) == c.value for c in changes)


def _changed(request: Request, public_id: UUID, count: int) -> HttpResponse:
    if not count:
        return answers.nothing_to_do(
            request, public_id, _("Nothing was different, so nothing was changed.")
        )
    return answers.saved(
        request,
        public_id,
        ngettext("%(count)s change is saved.", "%(count)s changes are saved.", count)
        % {"count": count},
    )


AUTHORISATIONS = Labels(
    name="authorisations",
    form=AgreementForm,
    row=AuthorisationForm,
    both=("purpose", "channel"),
    typed=lambda h: {"purpose": h.purpose, "channel": h.channel, "value": h.in_force.value},
    told=answered,
    changes=_authorisation_changes,
    save=changing.change_authorisations,
    are_in_force=_are_in_force,
)
CRITERIA = Labels(
    name="criteria",
    form=NewCriterionForm,
    row=CriterionForm,
    both=("criterion", "value"),
    typed=lambda h: {"criterion": h.criterion, "value": h.in_force.value or ""},
    told=labelled,
    changes=_criterion_changes,
    save=changing.change_criteria,
    are_in_force=_say_so,
)
