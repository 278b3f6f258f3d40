"""Changing authorisations and criteria: whoever does it is told beforehand that it is activity."""

from __future__ import annotations

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
)
from fadeout.console.contacts.sheets import answered, labelled
from fadeout.console.frame.access import needs
from fadeout.contacts import operations
from fadeout.contacts.models import Answer
from fadeout.contacts.operations import AuthorisationChange, CriterionChange
from fadeout.contacts.refusals import Refused, Why
from fadeout.recency import lists

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.recency.sheets import Sheet

Authorisations = formset_factory(AuthorisationForm, extra=0)
Criteria = formset_factory(CriterionForm, extra=0)


@needs(Permission.EDIT_CONTACTS)
@of_contact
def authorisations(request: Request, public_id: UUID) -> HttpResponse:
    """Answers as an operator takes them down."""
    form: AgreementForm
    refused = None
    if request.method == "POST":
        form, rows = AgreementForm(request.POST), Authorisations(request.POST, prefix="on_file")
        if form.is_valid() & rows.is_valid() and _is_whole(form, "purpose", "channel"):
            changes = _authorisation_changes(form, rows)
            try:
                count = operations.change_authorisations(
                    public_id, changes, seen=form.cleaned_data["seen"], now=request.desk.now
                )
                return _changed(request, public_id, count)
            except Refused as error:
                refused = error
                answers.tell(form, error)
        on_file = sheet(request, public_id)
        if _is_changed(refused) and _are_in_force(changes, on_file):
            return answers.nothing_to_do(request, public_id, _("That is on file already."))
    else:
        on_file = sheet(request, public_id)
        form = AgreementForm(initial={"seen": on_file.seen.authorisations})
        rows = Authorisations(
            prefix="on_file",
            initial=[
                {"purpose": h.purpose, "channel": h.channel, "value": h.in_force.value}
                for h in on_file.authorisations
            ],
        )
    told = _told(request, on_file) | {"rows": rows, "now": map(answered, on_file.authorisations)}
    return answers.page(
        request, "contacts/authorisations.html", told,
        form=form, seen=on_file.seen.authorisations, refused=refused,
    )  # fmt: skip


@needs(Permission.EDIT_CONTACTS)
@of_contact
def criteria(request: Request, public_id: UUID) -> HttpResponse:
    """Labels as an operator sets them."""
    form: NewCriterionForm
    refused = None
    if request.method == "POST":
        form, rows = NewCriterionForm(request.POST), Criteria(request.POST, prefix="on_file")
        if form.is_valid() & rows.is_valid() and _is_whole(form, "criterion", "value"):
            changes = _criterion_changes(form, rows)
            try:
                count = operations.change_criteria(
                    public_id, changes, seen=form.cleaned_data["seen"], now=request.desk.now
                )
                return _changed(request, public_id, count)
            except Refused as error:
                refused = error
                answers.tell(form, error)
        on_file = sheet(request, public_id)
        if _is_changed(refused) and _say_so(changes, on_file):
            return answers.nothing_to_do(request, public_id, _("That is on file already."))
    else:
        on_file = sheet(request, public_id)
        form = NewCriterionForm(initial={"seen": on_file.seen.criteria})
        rows = Criteria(
            prefix="on_file",
            initial=[
                {"criterion": h.criterion, "value": h.in_force.value or ""}
                for h in on_file.criteria
            ],
        )
    told = _told(request, on_file) | {"rows": rows, "now": map(labelled, on_file.criteria)}
    return answers.page(
        request, "contacts/criteria.html", told,
        form=form, seen=on_file.seen.criteria, refused=refused,
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
