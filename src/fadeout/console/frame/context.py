"""What the frame around every page shows: where one can go, who is signed in, how it looks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.accounts.models import Theme
from fadeout.accounts.permissions import ROLE_NAMES, Permission, Role
from fadeout.console.frame.door import page_before

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import Promise

THEME_NAMES = {
    Theme.DEVICE: _("As the device"),
    Theme.LIGHT: _("Light"),
    Theme.DARK: _("Dark"),
}


@dataclass(frozen=True)
class Place:
    """One entry of the main navigation; ``route`` is where it leads, ``under`` what belongs to it."""

    route: str
    under: str
    name: Promise | str
    permission: Permission


PLACES = (
    Place("today", "/", pgettext_lazy("page", "Today"), Permission.SEE_TODAY),
    Place("contacts", "/contacts/", pgettext_lazy("page", "Contacts"), Permission.FIND_CONTACTS),
    Place("targets", "/audience/", pgettext_lazy("page", "Audience"), Permission.SEE_AUDIENCE),
    Place("plans", "/plans/", pgettext_lazy("page", "Plans"), Permission.SEE_PLANS),
    Place("runs", "/runs/", pgettext_lazy("page", "Runs"), Permission.SEE_PLANS),
    Place("batches", "/batches/", pgettext_lazy("page", "Batches"), Permission.SEE_BATCHES),
    Place("ledger", "/ledger/", pgettext_lazy("page", "Ledger"), Permission.SEE_LEDGER),
    Place("vault", "/vault/", pgettext_lazy("page", "Vault"), Permission.SEE_VAULT),
    Place("datamap", "/data-map/", pgettext_lazy("page", "Data map"), Permission.SEE_DATA_MAP),
    Place("settings", "/settings/", pgettext_lazy("page", "Settings"), Permission.SEE_SETTINGS),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """For the base template, on every page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": Theme.DEVICE, "languages": settings.LANGUAGES, "has_oidc": _has_oidc()}
    return {
        "theme": user.theme,
        "themes": THEME_NAMES.items(),
        "languages": settings.LANGUAGES,
        "role_name": ROLE_NAMES[Role(user.role)],
        "places": [_shown(place, request.path) for place in PLACES if user.may(place.permission)],
        "has_oidc": _has_oidc(),
        "waits_for_proof": partial(_waits_for_proof, request),
    }


def _waits_for_proof(request: HttpRequest) -> str | None:
    """The page that somebody sent something from which is done once they proved who they are."""
    kept = json.loads(request.session.get(STATE_SESSION_KEY, {}).get("request", "{}"))
    asked = request.POST.get("next") or request.GET.get("next")
    if not kept or kept["path"] != asked:
        return None
    return page_before(kept["META"].get("HTTP_REFERER", ""), request) or reverse("today")


def _shown(place: Place, path: str) -> dict[str, Any]:
    is_here = path == "/" if place.under == "/" else path.startswith(place.under)
    return {"url": reverse(place.route), "name": place.name, "is_here": is_here}


def _has_oidc() -> bool:
    return bool(settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"])
