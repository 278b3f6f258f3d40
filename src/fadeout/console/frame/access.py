"""Who gets in: each view names the one permission that it needs.

What could go wrong: a view is forgotten, and anybody opens it. So a view carries what it asks for, and
a test goes through every route: one that asks for nothing and is not on the list of open ones fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from fadeout.accounts.permissions import Permission
from fadeout.console.frame import proof
from fadeout.console.frame.door import to_the_door

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

View = Callable[..., HttpResponseBase]


def needs(permission: Permission, *, irreversible: bool = False) -> Callable[[View], View]:
    """Let in whoever is signed in and has this permission.

    Args:
        permission: what the view does.
        irreversible: whether who does it must have proved who they are within the last minutes; asked
            when something is sent, not when the page is looked at.
    """

    def around(view: View) -> View:
        proved: View = reauthentication_required(allow_get=True)(view)

        @wraps(view)
        def asked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_the_door(request)
            if not request.user.may(permission):
                raise PermissionDenied
            if not irreversible:
                return view(request, *args, **kwargs)
            if request.method == "POST" and proof.is_wanting(request):
                return proof.asked_for(request)
            return proved(request, *args, **kwargs)

        asked.permission = permission  # type: ignore[attr-defined]
        asked.is_irreversible = irreversible  # type: ignore[attr-defined]
        return asked

    return around


def signed_in(view: View) -> View:
    """Let in whoever is signed in, whatever they may do."""

    @wraps(view)
    def asked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (
            view(request, *args, **kwargs)
            if request.user.is_authenticated
            else to_the_door(request)
        )

    return asked
