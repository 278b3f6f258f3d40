"""How a form about a contact is answered when it cannot be saved as it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from fadeout.contacts.refusals import Refused, Why

if TYPE_CHECKING:
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request

CONFLICTS = (Why.CHANGED_MEANWHILE, Why.NOT_THERE)


def saved(request: Request, public_id: UUID, message: str) -> HttpResponse:
    """Back to the sheet, which says what was done."""
    messages.success(request, message)
    return redirect("contact", public_id=public_id)


def nothing_to_do(request: Request, public_id: UUID, message: str) -> HttpResponse:
    """Back to the sheet: what was sent is on file already."""
    messages.info(request, message)
    return redirect("contact", public_id=public_id)


def page(  # noqa: PLR0913 - what a page is made of
    request: Request,
    template: str,
    shown: dict[str, Any],
    *,
    form: Form,
    seen: str,
    refused: Refused | None,
) -> HttpResponse:
    """The form with what was typed; the mark of what is there now only where that is shown, too."""
    is_changed = refused is not None and refused.why in CONFLICTS
    told = {
        "form": form,
        "seen": seen if is_changed else form["seen"].value(),
        "is_changed": is_changed,
    }
    status = 409 if is_changed else 422 if form.is_bound else 200
    return render(request, template, shown | told, status=status)


def tell(form: Form, refused: Refused) -> None:
    """Put a refusal beside the field that it is about; raise what no form can mend."""
    if refused.why is Why.NOT_ON_FILE:
        raise refused
    if refused.why not in CONFLICTS:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.beside_a_field)
