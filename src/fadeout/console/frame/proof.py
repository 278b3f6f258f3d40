"""Whoever cannot prove here who they are, since the house's account lets them in, proves it there.

What could go wrong: the library asks nobody again who has neither a password nor a second factor here. So
whoever finds such a browser open could do what cannot be undone, or choose a password and stay. Such a user
must have come in by the house's account within the last minutes, and is sent there otherwise.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.shortcuts import render
from django.urls import reverse

from fadeout.console.frame.door import page_before

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

#: Pages of the library at which somebody gives themselves another way in.
WAYS_IN = ("account_set_password", "mfa_activate_totp", "mfa_add_webauthn")


def is_wanting(request: HttpRequest) -> bool:
    """Whether this user has nothing to prove it with here, and came in too long ago."""
    if get_reauthentication_flows(request.user):
        return False
    came_in = [record["at"] for record in get_authentication_records(request, request.user)]
    return time.time() - max(came_in, default=0) > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def asked_for(request: HttpRequest) -> HttpResponse:
    """A page with the way to the house's account, and from there back to where they were."""
    back = request.path
    if request.method == "POST":
        back = page_before(request.headers.get("Referer", ""), request) or reverse("today")
    return render(request, "sign_in/prove_elsewhere.html", {"back": back}, status=403)
