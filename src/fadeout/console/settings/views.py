"""Settings: the house, its policy, its organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fadeout.accounts import queries as accounts
from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.settings import shown
from fadeout.console.settings.forms import PolicyForm
from fadeout.institution import operations, queries
from fadeout.institution.models import PolicyVersion
from fadeout.sales import queries as sales

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

REFUSED, MEANWHILE = 422, 409
LOOK = "look"


@needs(Permission.SEE_SETTINGS)
@require_GET
def settings(request: Request) -> HttpResponse:
    """The house, the policy version by version, the organisations, how many sign in."""
    versions = queries.policy_versions()
    page = {
        "house": request.desk.house,
        "policy": versions[0],
        "rules": shown.policy(queries.policy_values(versions[0])),
        "versions": versions,
        "organisations": sales.organisations(),
        "operators": accounts.users().count(),
        "may_change_policy": request.user.may(Permission.CHANGE_POLICY),
    }
    return render(request, "settings/settings.html", page)


@needs(Permission.CHANGE_POLICY, irreversible=True)
@require_http_methods(["GET", "POST"])
def policy(request: Request) -> HttpResponse:
    """Look at what would change, by GET; change it, by POST."""
    in_force = queries.policy_in_force()
    if request.method == "GET":
        if LOOK not in request.GET:
            return _policy(request, PolicyForm(initial=queries.policy_values(in_force)), in_force)
        return _policy(request, PolicyForm(request.GET), in_force)
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _policy(request, form, in_force)
    changes = form.changes(in_force)
    if not changes:
        messages.info(request, _("The policy says that already. Nothing was changed."))
        return redirect("settings")
    try:
        version = operations.change_policy(
            changes=changes, by=request.desk.operator, now=request.desk.now,
            seen=form.cleaned_data["seen"],
        )  # fmt: skip
    except operations.PolicyChangedMeanwhile:
        return _policy(request, form, queries.policy_in_force(), has_changed=True)
    messages.success(
        request,
        _("Version %(number)s of the policy holds from now on.") % {"number": version.number},
    )
    return redirect("settings")


def _policy(
    request: Request, form: PolicyForm, in_force: PolicyVersion, *, has_changed: bool = False
) -> HttpResponse:
    """The form; below it, once something was typed, what would change."""
    is_good = form.is_bound and form.is_valid()
    changes = form.changes(in_force) if is_good else {}
    shortened = changes.get("backup_months", in_force.backup_months) < in_force.backup_months
    page = {
        "form": form,
        "policy": in_force,
        "next_number": in_force.number + 1,
        "differences": shown.differences(queries.policy_values(in_force), changes),
        "values": {name: form.cleaned_data[name] for name in queries.POLICY_FIELDS}
        if is_good
        else {},
        "says_that_already": is_good and not changes,
        "is_shortened": shortened,
        "has_changed": has_changed,
    }
    status = MEANWHILE if has_changed else 200 if is_good or not form.is_bound else REFUSED
    return render(request, "settings/policy.html", page, status=status)
