"""The links in mails that a contact has: ended before their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import shown
from fadeout.console.contacts.desk import of_contact
from fadeout.console.frame.access import needs
from fadeout.contacts import records
from fadeout.public.ending import end_links

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request


@needs(Permission.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
@of_contact
def end(request: Request, public_id: UUID) -> HttpResponse:
    """What it means, by GET; and by its button, they are ended."""
    if request.method == "POST":
        end_links(public_id, now=request.desk.now)
        messages.success(request, _("The links in mails that this contact got so far are ended."))
        return redirect("contact", public_id=public_id)
    identity = records.identity(records.on_file(public_id))
    return render(request, "contacts/links.html", shown.about(identity))
