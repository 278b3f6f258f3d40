"""Tracked links: built, listed, looked at, had as a QR code, retired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.links import shown
from fadeout.console.links.forms import LinkForm
from fadeout.links import addresses, operations, qr, queries
from fadeout.links.refusals import LinkRefused

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request
    from fadeout.links.models import TrackedLink

REFUSED = 422


@needs(Permission.SEE_AUDIENCE)
@require_GET
def links(request: Request) -> HttpResponse:
    """Every link with what was counted of it."""
    rows = queries.all_links()
    told = {"rows": rows, "leading": sum(1 for row in rows if row.link.retired_at is None)}
    return render(request, "links/links.html", told | _allowed(request))


@needs(Permission.SEE_AUDIENCE)
@require_GET
def link(request: Request, code: str) -> HttpResponse:
    """One link: its address and code, and its clicks."""
    told = shown.link(_found(code), request)
    return render(request, "links/link.html", told | _allowed(request))


@needs(Permission.EDIT_LINKS)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Build a link; shown first, if that was asked for."""
    form = LinkForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _form(request, form, status=REFUSED if form.is_bound else 200)
    if "show" in request.POST:
        return _form(request, form, leads_to=form.cleaned_data["leads_to"])
    given, desk = form.cleaned_data, request.desk
    try:
        made = operations.add(
            name=given["name"], destination=given["leads_to"], by=desk.operator, now=desk.now
        )
    except LinkRefused as refused:
        form.refuse(refused)
        return _form(request, form, status=REFUSED)
    messages.success(request, _("The link is made. It leads on from this moment."))
    return redirect("link", made.code)


@needs(Permission.SEE_AUDIENCE)
@require_GET
def qr_code(request: Request, code: str, form: str) -> HttpResponse:
    """The QR code of the address for everybody, as a file."""
    if form not in list(qr.Form):
        raise Http404
    found, wanted = _found(code), qr.Form(form)
    drawn = qr.drawn(addresses.address(found.code, site=shown.site(request)), wanted)
    answer = HttpResponse(drawn, content_type=qr.CONTENT_TYPES[wanted])
    answer["Content-Disposition"] = f'attachment; filename="link-{found.code}.{wanted}"'
    return answer


@needs(Permission.EDIT_LINKS)
@require_http_methods(["GET", "POST"])
def retire(request: Request, code: str) -> HttpResponse:
    """Ask, then end a link."""
    found = _found(code)
    if request.method == "GET" and found.retired_at is None:
        return render(request, "links/retire.html", {"link": found, "count": queries.count(found)})
    if request.method == "POST" and operations.retire(found, now=request.desk.now):
        messages.success(
            request, _("The link is retired. Whoever opens it reads that it has ended.")
        )
    else:
        messages.info(request, _("The link was retired already."))
    return redirect("link", found.code)


@needs(Permission.EDIT_LINKS)
@require_POST
def restore(request: Request, code: str) -> HttpResponse:
    """Let a retired link lead on again."""
    found = _found(code)
    if operations.restore(found):
        messages.success(request, _("The link leads on again."))
    else:
        messages.info(request, _("The link leads on already."))
    return redirect("link", found.code)


def _found(code: str) -> TrackedLink:
    try:
        return queries.by_code(code)
    except LinkRefused as refused:
        raise Http404 from refused


def _form(
    request: Request, form: LinkForm, *, status: int = 200, leads_to: str = ""
) -> HttpResponse:
    return render(request, "links/new.html", {"form": form, "leads_to": leads_to}, status=status)


def _allowed(request: Request) -> dict[str, bool]:
    return {"may_edit": request.user.may(Permission.EDIT_LINKS)}
