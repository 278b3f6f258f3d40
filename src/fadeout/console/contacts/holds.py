"""Holds: put up, changed, lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import answers, shown
from fadeout.console.contacts.desk import of_contact, sheet
from fadeout.console.contacts.forms import HoldForm, NewHoldForm
from fadeout.console.frame.access import needs
from fadeout.contacts import operations
from fadeout.contacts.refusals import Refused, Why

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.contacts.records import HoldRow
    from fadeout.recency.sheets import Sheet


@needs(Permission.HOLD_CONTACTS)
@of_contact
def put_up(request: Request, public_id: UUID) -> HttpResponse:
    """A new hold."""
    form, refused = NewHoldForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        typed = form.cleaned_data
        try:
            operations.put_up_hold(
                public_id, **typed,
                today=request.desk.today, by=request.desk.operator, now=request.desk.now,
            )  # fmt: skip
            return answers.saved(
                request, public_id, _("The hold is put up. Nobody forgets this contact now.")
            )
        except Refused as error:
            refused = error
            answers.tell(form, error)
    on_file = sheet(request, public_id)
    if refused is not None and any(_says(hold, form.cleaned_data) for hold in on_file.holds):
        return answers.nothing_to_do(request, public_id, _("That hold is on file already."))
    if not form.is_bound:
        form = NewHoldForm(initial={"seen": on_file.seen.holds})
    return answers.page(
        request, "contacts/hold_put_up.html", _told(on_file),
        form=form, seen=on_file.seen.holds, refused=refused,
    )  # fmt: skip


@needs(Permission.HOLD_CONTACTS)
@of_contact
def change(request: Request, public_id: UUID, hold: int) -> HttpResponse:
    """Another last day or owner; or, by its own button, no hold any more."""
    lifts = request.method == "POST" and "lift" in request.POST
    if lifts:
        return _lift(request, public_id, hold)
    form, refused = HoldForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            is_changed = operations.change_hold(
                public_id, hold, **form.cleaned_data,
                today=request.desk.today, by=request.desk.operator, now=request.desk.now,
            )  # fmt: skip
            if is_changed:
                return answers.saved(request, public_id, _("The hold is changed."))
            return answers.nothing_to_do(request, public_id, _("The hold says that already."))
        except Refused as error:
            refused = error
            answers.tell(form, error)
    on_file = sheet(request, public_id)
    row = _found(on_file, hold)
    if row is None:
        return _gone(request, public_id)
    if refused is not None and (row.until, row.owner) == (
        form.cleaned_data.get("until"),
        form.cleaned_data.get("owner"),
    ):
        return answers.nothing_to_do(request, public_id, _("The hold says that already."))
    if not form.is_bound:
        form = HoldForm(
            initial={"until": row.until, "owner": row.owner, "seen": on_file.seen.holds}
        )
    return answers.page(
        request, "contacts/hold.html", _told(on_file) | {"hold": row},
        form=form, seen=on_file.seen.holds, refused=refused,
    )  # fmt: skip


def _lift(request: Request, public_id: UUID, hold: int) -> HttpResponse:
    try:
        operations.lift_hold(
            public_id, hold, seen=request.POST.get("seen", ""),
            by=request.desk.operator, now=request.desk.now,
        )  # fmt: skip
        return answers.saved(request, public_id, _("The hold is lifted."))
    except Refused as error:
        if error.why is Why.NOT_ON_FILE:
            raise
        refused = error
    on_file = sheet(request, public_id)
    row = _found(on_file, hold)
    if row is None:
        return _gone(request, public_id)
    form = HoldForm(initial={"until": row.until, "owner": row.owner})
    return answers.page(
        request, "contacts/hold.html", _told(on_file) | {"hold": row},
        form=form, seen=on_file.seen.holds, refused=refused,
    )  # fmt: skip


def _gone(request: Request, public_id: UUID) -> HttpResponse:
    return answers.nothing_to_do(
        request, public_id, _("That hold is not there any more: somebody lifted it.")
    )


def _found(on_file: Sheet, hold: int) -> HoldRow | None:
    return next((row for row in on_file.holds if row.id == hold), None)


def _says(hold: HoldRow, typed: dict[str, Any]) -> bool:
    return all(getattr(hold, name) == typed.get(name) for name in ("reason", "until", "owner"))


def _told(on_file: Sheet) -> dict[str, Any]:
    return shown.about(on_file.identity) | {"holds": on_file.holds}
