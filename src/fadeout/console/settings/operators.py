"""Operators: who signs in, and as what; added, invited, changed, let go.

What could go wrong: somebody at a browser that was left open lets themselves in for good. So whoever adds,
invites, changes or lets go proves who they are once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fadeout.accounts import operations, queries
from fadeout.accounts.operations import AccountRefused, Refusal
from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.settings import invitations, shown
from fadeout.console.settings.forms import OperatorForm, RoleForm
from fadeout.core import mail
from fadeout.core.errors import BadInput

if TYPE_CHECKING:
    from fadeout.accounts.models import User
    from fadeout.console.frame.desk import Request

REFUSED, MEANWHILE = 422, 409


@needs(Permission.SEE_SETTINGS)
@require_GET
def operators(request: Request) -> HttpResponse:
    """All who sign in."""
    page = {
        "rows": shown.users(),
        "may_change": request.user.may(Permission.CHANGE_OPERATORS),
        "needs_second_factor": settings.MFA_IS_REQUIRED,
    }
    return render(request, "settings/operators.html", page)


@needs(Permission.CHANGE_OPERATORS)
@require_GET
def operator(request: Request, public_id: UUID) -> HttpResponse:
    """One who signs in; once after an invitation, with its link."""
    user = _found(public_id)
    form = RoleForm(initial={"role": user.role, "seen": user.role})
    return _operator(request, user, form, invitation=invitations.shown_once(request, user))


@needs(Permission.CHANGE_OPERATORS, irreversible=True)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Add somebody who can sign in, and invite them."""
    form = OperatorForm(request.POST or None)
    if not form.is_valid():
        return _new(request, form, status=REFUSED if form.is_bound else 200)
    typed = form.cleaned_data | {"language": form.cleaned_data["language"] or None}
    try:
        user = operations.add(**typed, by=request.desk.operator, now=request.desk.now)
    except AccountRefused as refused:
        form.refuse(refused)
        return _new(request, form, status=REFUSED)
    invitations.hand_over(request, user, operations.invitation_path(user))
    return redirect("operator", user.operator.public_id)


@needs(Permission.CHANGE_OPERATORS, irreversible=True)
@require_POST
def invite(request: Request, public_id: UUID) -> HttpResponse:
    """A new link at which somebody chooses a password."""
    user = _found_still(public_id)
    if user is None:
        return _is_gone(request)
    path = operations.invite(user=user, by=request.desk.operator, now=request.desk.now)
    invitations.hand_over(request, user, path)
    return redirect("operator", public_id)


@needs(Permission.CHANGE_OPERATORS, irreversible=True)
@require_POST
def role(request: Request, public_id: UUID) -> HttpResponse:
    """Change what somebody may do; it holds at once."""
    user = _found_still(public_id)
    if user is None:
        return _is_gone(request)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _operator(request, user, form, status=REFUSED)
    chosen, seen = form.cleaned_data["role"], form.cleaned_data["seen"]
    if chosen == user.role:
        messages.info(request, _("They have that role already. Nothing was changed."))
        return redirect("operator", public_id)
    try:
        operations.change_role(
            user=user, role=chosen, by=request.desk.operator, now=request.desk.now, seen=seen
        )
    except AccountRefused as refused:
        if refused.code is Refusal.LEFT:
            return _is_gone(request)
        fresh = _found(public_id)
        form = RoleForm(initial={"role": fresh.role, "seen": fresh.role})
        return _operator(request, fresh, form, refused=refused, status=MEANWHILE)
    messages.success(request, _("The role is changed. It holds at once."))
    return redirect("today") if user == request.user else redirect("operator", public_id)


@needs(Permission.CHANGE_OPERATORS, irreversible=True)
@require_http_methods(["GET", "POST"])
def let_go(request: Request, public_id: UUID) -> HttpResponse:
    """Somebody leaves: account and name go, what they did stays without it."""
    user = _found(public_id) if request.method == "GET" else _found_still(public_id)
    if user is None:
        return _is_gone(request)
    if request.method == "GET":
        return _let_go(request, user)
    if user == request.user:
        return _let_go(request, user, status=MEANWHILE)
    try:
        operations.let_go(user=user, by=request.desk.operator, now=request.desk.now)
    except AccountRefused as refused:
        if refused.code is Refusal.LEFT:
            return _is_gone(request)
        return _let_go(request, user, refused=refused, status=MEANWHILE)
    messages.success(request, _("They can sign in no more, and their name is emptied everywhere."))
    return redirect("operators")


def _found(public_id: UUID) -> User:
    found = _found_still(public_id)
    if found is None:
        raise Http404
    return found


def _found_still(public_id: UUID) -> User | None:
    try:
        return queries.by_public_id(public_id)
    except BadInput:
        return None


def _is_gone(request: Request) -> HttpResponse:
    messages.info(request, _("This operator has left already. Nothing was changed."))
    return redirect("operators")


def _new(request: Request, form: OperatorForm, *, status: int) -> HttpResponse:
    page = {"form": form, "sends_mail": mail.is_set_up()}
    return render(request, "settings/operator_new.html", page, status=status)


def _operator(  # noqa: PLR0913 - what a page is made of
    request: Request,
    user: User,
    form: RoleForm,
    *,
    invitation: dict[str, object] | None = None,
    refused: AccountRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    page = shown.user(user) | {
        "form": form,
        "invitation": invitation,
        "refusal": refused.beside_a_field if refused else "",
        "is_oneself": user == request.user,
        "sends_mail": mail.is_set_up(),
    }
    return render(request, "settings/operator.html", page, status=status)


def _let_go(
    request: Request, user: User, *, refused: AccountRefused | None = None, status: int = 200
) -> HttpResponse:
    page = shown.user(user) | {
        "is_oneself": user == request.user,
        "refusal": refused.beside_a_field if refused else "",
        "real_batches": len(shown.real_batches_of(user)),
    }
    return render(request, "settings/operator_let_go.html", page, status=status)
