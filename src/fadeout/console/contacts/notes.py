"""Notes: written down, and written anew. They are no activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import answers, shown
from fadeout.console.contacts.desk import of_contact
from fadeout.console.contacts.forms import EditedNoteForm, NewNoteForm
from fadeout.console.frame.access import needs
from fadeout.contacts import operations, records
from fadeout.contacts.refusals import Refused

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.contacts.models import Contact


@needs(Permission.EDIT_CONTACTS)
@of_contact
def add(request: Request, public_id: UUID) -> HttpResponse:
    """A new note; a form that is sent twice writes it once."""
    form = NewNoteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.add_note(public_id, **form.cleaned_data, now=request.desk.now)
            return answers.saved(request, public_id, _("The note is saved."))
        except Refused as refused:
            answers.tell(form, refused)
            form.add_error(None, _("Nothing was saved."))
    told = _told(records.on_file(public_id)) | {"form": form}
    return render(request, "contacts/note_add.html", told, status=422 if form.is_bound else 200)


@needs(Permission.EDIT_CONTACTS)
@of_contact
def edit(request: Request, public_id: UUID, note: int) -> HttpResponse:
    """Other words for a note."""
    form, refused = EditedNoteForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            is_changed = operations.edit_note(public_id, note, **form.cleaned_data)
            if is_changed:
                return answers.saved(request, public_id, _("The note is saved."))
            return answers.nothing_to_do(request, public_id, _("The note says that already."))
        except Refused as error:
            refused = error
            answers.tell(form, error)
    contact = records.on_file(public_id)
    notes = records.notes(contact)
    row = next((one for one in notes if one.id == note), None)
    if row is None:
        return answers.nothing_to_do(request, public_id, _("That note is not there any more."))
    if refused is not None and row.text == form.cleaned_data.get("text"):
        return answers.nothing_to_do(request, public_id, _("The note says that already."))
    seen = records.version(notes)
    if not form.is_bound:
        form = EditedNoteForm(initial={"text": row.text, "seen": seen})
    return answers.page(
        request,
        "contacts/note.html",
        _told(contact) | {"note": row},
        form=form,
        seen=seen,
        refused=refused,
    )


def _told(contact: Contact) -> dict[str, Any]:
    return shown.about(records.identity(contact))
