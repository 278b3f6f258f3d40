"""What a campaign says: written, looked at while it is written, tried out.

What could go wrong: somebody writes something into a mail that acts on whoever looks at it here. So a preview
has an address of its own, stands in a sandboxed frame, and its policy lets no script run and nothing be sent;
styles alone may stand within it, as mails have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from fadeout.accounts.permissions import Permission
from fadeout.campaigns import operations, trial
from fadeout.campaigns.models import Campaign, CampaignText, State
from fadeout.campaigns.refusals import Refused, Why
from fadeout.console.campaigns import shown
from fadeout.console.campaigns.forms import AsForm, TestForm, TextForm
from fadeout.console.campaigns.views import MEANWHILE, REFUSED, found, sheet
from fadeout.console.campaigns.words import TAGS
from fadeout.console.frame import sought
from fadeout.console.frame.access import needs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from fadeout.console.frame.desk import Request

READER = "campaign reader"
#: A mail as it is: its own styles, pictures of the house's site; nothing else, and in a frame of ours alone.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:;"
    " frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
)


@needs(Permission.EDIT_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def text(request: Request, public_id: UUID, language: str) -> HttpResponse:
    """Write what a draft says in one language."""
    one = _campaign(public_id, language)
    if request.method == "GET":
        return _form(request, TextForm(initial=_initial(one, language)), one, language)
    form = TextForm(request.POST)
    if not form.is_valid():
        return _form(request, form, one, language)
    said = {name: form.cleaned_data[name] for name in ("subject", "mjml", "plain", "seen")}
    try:
        operations.save_text(one, language=language, now=request.desk.now, **said)
    except Refused as refused:
        form.refuse(refused)
        is_meanwhile = refused.why in (Why.CHANGED_MEANWHILE, Why.NOT_A_DRAFT)
        return _form(request, form, one, language, status=MEANWHILE if is_meanwhile else REFUSED)
    messages.success(request, _("The text is saved."))
    return redirect("campaign_text", public_id, language)


@needs(Permission.EDIT_CAMPAIGNS)
@require_POST
def remove(request: Request, public_id: UUID, language: str) -> HttpResponse:
    """Take a language out of a draft."""
    one = _campaign(public_id, language)
    try:
        operations.remove_text(one, language=language, now=request.desk.now)
    except Refused as refused:
        messages.error(request, refused.beside_a_field)
    else:
        messages.success(request, _("The text is removed."))
    return redirect("campaign", public_id)


@needs(Permission.SEE_AUDIENCE)
@xframe_options_sameorigin
@require_http_methods(["GET", "POST"])
def preview(request: Request, public_id: UUID, language: str) -> HttpResponse:
    """A mail as somebody would see it: what was saved, or what is being written, which is kept nowhere."""
    one = _campaign(public_id, language)
    writing = None
    if request.method == "POST":
        form = TextForm(request.POST)
        if not form.is_valid():
            return _framed(_sorry(_("Give it a subject and a text to see it.")))
        writing = form.as_text(one, language)
    try:
        seen = trial.preview(
            one, house=request.desk.house.name, language=language, contact=_reader(request),
            text=writing,
        )  # fmt: skip
    except Refused as refused:
        return _framed(_sorry(refused.beside_a_field))
    return _framed(seen.html)


@needs(Permission.FIND_CONTACTS)
@require_POST
def as_contact(request: Request, public_id: UUID) -> HttpResponse:
    """Look at previews as a contact from now on, or as nobody again; whom, stands in the session alone."""
    one = found(public_id)
    form = AsForm(request.POST)
    back = request.POST.get("language", one.language)
    sought.forget(request, READER)
    if "nobody" not in request.POST:
        number = form.cleaned_data["contact_number"].strip() if form.is_valid() else ""
        if trial.as_numbered(number) is None:
            messages.error(request, _("There is no contact with this number on file."))
        else:
            sought.keep(request, READER, {"number": number})
    if back not in dict(settings.LANGUAGES):
        back = one.language
    return redirect("campaign_text", public_id, back)


@needs(Permission.EDIT_CAMPAIGNS)
@require_POST
def test(request: Request, public_id: UUID) -> HttpResponse:
    """Send a mail, marked as a test, to an address that is kept nowhere."""
    one = found(public_id)
    form = TestForm(request.POST)
    if not form.is_valid():
        return sheet(request, one, test=form, status=REFUSED)
    try:
        verdict = trial.send_test(
            one, to=form.cleaned_data["to"], house=request.desk.house.name,
            language=form.cleaned_data["language"], contact=_reader(request),
        )  # fmt: skip
    except Refused as refused:
        form.refuse(refused)
        return sheet(request, one, test=form, status=REFUSED)
    if verdict.taken:
        messages.success(request, _("The test is sent."))
    else:
        told = {"code": verdict.code}
        messages.error(request, _("The mail server did not take the test (%(code)s).") % told)
    return redirect("campaign", public_id)


def _campaign(public_id: UUID, language: str) -> Campaign:
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return found(public_id)


def _reader(request: Request) -> Mapping[str, Any]:
    """As whom previews are looked at: asked anew, since they may be erased meanwhile."""
    kept = sought.kept(request, READER)
    if not kept or not request.user.may(Permission.FIND_CONTACTS):
        return trial.NOBODY
    return trial.as_numbered(kept["number"]) or trial.NOBODY


def _framed(html: str) -> HttpResponse:
    answer = HttpResponse(html)
    answer["Content-Security-Policy"] = POLICY
    return answer


def _sorry(said: str) -> str:
    return render_to_string("campaigns/no_preview.html", {"said": said})


def _initial(one: Campaign, language: str) -> dict[str, Any]:
    saved = CampaignText.objects.filter(campaign=one, language=language).first()
    if saved is None:
        return {
            "seen": one.stamp,
            "mjml": render_to_string("campaigns/first.mjml", {"campaign": one}),
        }
    said = {name: getattr(saved, name) for name in ("subject", "mjml", "plain")}
    return {"seen": one.stamp, **said}


def _form(
    request: Request, form: TextForm, one: Campaign, language: str, *, status: int | None = None
) -> HttpResponse:
    wrong = form.is_bound and bool(form.errors)
    told = shown.live(one, request.desk) | {
        "form": form,
        "language": language,
        "language_name": dict(settings.LANGUAGES)[language],
        "is_draft": one.state == State.DRAFT,
        "is_saved": one.texts.filter(language=language).exists(),
        "placed": one.placed.select_related("link").order_by("position"),
        "tags": TAGS.items(),
        "as_form": AsForm(),
        "reader": sought.kept(request, READER).get("number"),
        "may_find": request.user.may(Permission.FIND_CONTACTS),
    }
    return render(
        request, "campaigns/text.html", told, status=status or (REFUSED if wrong else 200)
    )
