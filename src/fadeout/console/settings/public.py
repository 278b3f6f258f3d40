"""Settings of public pages: how they look, and what contacts decide there themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.settings.public_forms import (
    LogoForm,
    LookForm,
    OfferedAuthorisationForm,
    OfferedCriterionForm,
)
from fadeout.contacts import offering
from fadeout.contacts.offering import OfferingChangedMeanwhile
from fadeout.contacts.refusals import Refused
from fadeout.institution import brand, colours, logos

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.contacts.offering import Offering

REFUSED_STATUS, MEANWHILE = 422, 409


@dataclass(frozen=True)
class Kind:
    """What belongs to a kind of thing that is offered: its form, its place, what changes it."""

    template: str
    form: type[Any]
    listed: Callable[[Offering], Sequence[Any]]
    offer: Callable[..., Offering]


AUTHORISATION = Kind(
    "settings/offered_authorisation.html", OfferedAuthorisationForm,
    lambda offered: offered.authorisations, offering.offer_authorisation,
)  # fmt: skip
CRITERION = Kind(
    "settings/offered_criterion.html", OfferedCriterionForm,
    lambda offered: offered.criteria, offering.offer_criterion,
)  # fmt: skip


@needs(Permission.SEE_SETTINGS)
@require_GET
def public(request: Request) -> HttpResponse:
    """All of it at one look."""
    found = brand.current()
    told = {
        "house": request.desk.house,
        "brand": found,
        "logo": brand.logo() is not None,
        "accent_contrast": _contrast(found.accent),
        "offered": offering.in_force(),
        "versions": offering.versions(),
        "may_change": request.user.may(Permission.CHANGE_OFFERING),
    }
    return render(request, "settings/public.html", told)


@needs(Permission.CHANGE_OFFERING)
@require_http_methods(["GET", "POST"])
def look(request: Request) -> HttpResponse:
    """How public pages look."""
    form = LookForm(request.POST) if request.method == "POST" else LookForm.of(brand.current())
    if form.is_valid():
        try:
            brand.change(form.look(), now=request.desk.now)
        except brand.BadBrand as refused:
            form.add_error(refused.field, refused.beside_a_field)
        else:
            messages.success(request, _("Public pages look like this from now on."))
            return redirect("public_pages")
    return _look(request, form, LogoForm())


@needs(Permission.CHANGE_OFFERING)
@require_http_methods(["POST"])
def logo(request: Request) -> HttpResponse:
    """Another logo, or none."""
    if "remove" in request.POST:
        brand.change_logo(None, now=request.desk.now)
        messages.success(request, _("Public pages show no logo any more."))
        return redirect("public_pages")
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            uploaded = form.cleaned_data["logo"]
            drawn = logos.drawn(uploaded.read(logos.MOST_BYTES + 1))
        except logos.NotALogo as refused:
            form.add_error("logo", refused.beside_a_field)
        else:
            brand.change_logo(drawn, now=request.desk.now)
            messages.success(request, _("Public pages show this logo from now on."))
            return redirect("public_pages")
    return _look(request, LookForm.of(brand.current()), form)


@needs(Permission.CHANGE_OFFERING)
@require_http_methods(["GET", "POST"])
def authorisation(request: Request, place: int | None = None) -> HttpResponse:
    """What contacts may allow; a new one, or the one at this place."""
    return _offered(request, AUTHORISATION, place)


@needs(Permission.CHANGE_OFFERING)
@require_http_methods(["GET", "POST"])
def criterion(request: Request, place: int | None = None) -> HttpResponse:
    """What contacts may say of themselves; a new one, or the one at this place."""
    return _offered(request, CRITERION, place)


def _offered(request: Request, kind: Kind, place: int | None) -> HttpResponse:
    now_is = offering.in_force()
    known = _at(kind.listed(now_is), place)
    if request.method == "POST" and "withdraw" in request.POST and known is not None:
        return _withdraw(request, known.key)
    initial = {"seen": now_is.number} | (kind.form.values(known) if known else {})
    form = kind.form(request.POST if request.method == "POST" else None, initial=initial)
    has_changed = False
    if form.is_valid():
        try:
            then = kind.offer(
                form.offered(), instead_of=known.key if known else None,
                seen=form.cleaned_data["seen"], by=request.desk.operator, now=request.desk.now,
            )  # fmt: skip
        except OfferingChangedMeanwhile:
            has_changed = True
        except Refused as refused:
            _tell(form, refused)
        else:
            messages.success(
                request, _("Version %(number)s is offered from now on.") % {"number": then.number}
            )
            return redirect("public_pages")
    told = {"form": form, "known": known, "place": place, "number": now_is.number}
    told["has_changed"] = has_changed
    status = MEANWHILE if has_changed else REFUSED_STATUS if form.is_bound else 200
    return render(request, kind.template, told, status=status)


def _withdraw(request: Request, key: Any) -> HttpResponse:
    seen = request.POST.get("seen", "")
    try:
        offering.withdraw(
            key,
            seen=int(seen) if seen.isascii() and seen.isdigit() else -1,
            by=request.desk.operator,
            now=request.desk.now,
        )
    except OfferingChangedMeanwhile:
        messages.warning(
            request, _("Somebody changed what is offered meanwhile. Nothing was changed.")
        )
    else:
        messages.success(
            request, _("It is not offered any more. What contacts said stays on file.")
        )
    return redirect("public_pages")


def _at(listed: Sequence[Any], place: int | None) -> Any:
    if place is None:
        return None
    if not 1 <= place <= len(listed):
        raise Http404
    return listed[place - 1]


def _tell(form: Form, refused: Refused) -> None:
    field = refused.field if refused.field in form.fields else None
    form.add_error(field or _first_label(form), refused.beside_a_field)


def _first_label(form: Form) -> str:
    return next(name for name in form.fields if name.startswith("label_"))


def _look(request: Request, form: LookForm, logo_form: LogoForm) -> HttpResponse:
    told = {"form": form, "logo_form": logo_form, "has_logo": brand.logo() is not None}
    is_refused = bool(form.is_bound or logo_form.is_bound)
    return render(request, "settings/look.html", told, status=REFUSED_STATUS if is_refused else 200)


def _contrast(colour: str) -> str | None:
    return number_format(colours.on_grounds(colour).ratio, 2) if colour else None
