"""The pages on which a target is made and changed: a draft of conditions, drawn anew until it is saved.

They work without scripts: every button sends the whole draft. With scripts, the count follows what is typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.targets import drafts, forms, shown, views
from fadeout.console.targets.drafts import Draft
from fadeout.console.targets.forms import Known, NameForm
from fadeout.targets import operations, queries
from fadeout.targets.refusals import ConditionsRefused, Refusal, TargetRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fadeout.console.frame.desk import Request
    from fadeout.targets.conditions import Mistake
    from fadeout.targets.models import Target

REFUSED, MEANWHILE = 422, 409


@needs(Permission.EDIT_TARGETS)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Ask for contacts, look at how many there are, and give the question a name."""
    if request.method == "GET":
        return _page(request, forms.new_name(), drafts.empty())
    form, draft = NameForm(request.POST), drafts.of(request.POST.dict())
    if "save" not in request.POST:
        return _reshaped(request, draft)
    try:
        made = operations.add(
            name=form.data.get("name", ""), conditions=draft, by=request.desk.operator,
            now=request.desk.now, public_id=_key(form),
        )  # fmt: skip
    except TargetRefused as refused:
        if refused.code is Refusal.MADE_ALREADY:
            messages.info(request, _("This target was made already. It is not made twice."))
            return redirect("target", _key(form))
        return _refused(request, form, draft, refused)
    except ConditionsRefused as refused:
        return _page(request, form, draft, refused.mistakes, status=REFUSED)
    messages.success(request, _("The target is saved."))
    return redirect("target", made.public_id)


@needs(Permission.EDIT_TARGETS)
@require_http_methods(["GET", "POST"])
def change(request: Request, public_id: UUID) -> HttpResponse:
    """Ask something else under the same name, or the same under another one."""
    target = views.found_or_404(public_id)
    if request.method == "GET":
        form = NameForm(initial={"name": target.name, "seen": target.stamp})
        return _page(request, form, target.conditions, of=target)
    form = NameForm(request.POST)
    draft = target.conditions if target.is_static else drafts.of(request.POST.dict())
    if "save" not in request.POST:
        return _reshaped(request, draft, target)
    try:
        operations.change(
            target, name=form.data.get("name", ""), conditions=draft,
            seen=form.data.get("seen", ""), by=request.desk.operator, now=request.desk.now,
        )  # fmt: skip
    except TargetRefused as refused:
        return _refused(request, form, draft, refused, target)
    except ConditionsRefused as refused:
        return _page(request, form, draft, refused.mistakes, of=target, status=REFUSED)
    messages.success(request, _("The target is saved."))
    return redirect("target", public_id)


@needs(Permission.EDIT_TARGETS)
@require_POST
def draft(request: Request) -> HttpResponse:
    """The draft drawn anew, or just how many it finds, while somebody fills it in."""
    page = _drawn(request, drafts.of(request.POST.dict()), of=_target_of(request))
    if request.htmx.target == "asked":
        return render(request, "targets/draft.html", page | {"is_whole": True})
    return render(request, "targets/found.html", page)


def _reshaped(request: Request, draft: Draft, target: Target | None = None) -> HttpResponse:
    """What a button of the draft did to it."""
    asked = drafts.deed(request.POST.get("do", ""))
    if asked:
        draft = drafts.done(draft, *asked)
    return _page(request, NameForm(initial=request.POST.dict()), draft, of=target)


def _refused(
    request: Request,
    form: NameForm,
    draft: Draft,
    refused: TargetRefused,
    target: Target | None = None,
) -> HttpResponse:
    if refused.code is not Refusal.CHANGED_MEANWHILE or target is None:
        form.add_error("name", refused.beside_a_field)
        return _page(request, form, draft, of=target, status=REFUSED)
    fresh = NameForm(initial={"name": form.data.get("name", ""), "seen": target.stamp})
    return _page(request, fresh, draft, of=target, status=MEANWHILE, meanwhile=target)


def _page(  # noqa: PLR0913 - what the page is made of
    request: Request,
    form: NameForm,
    draft: Draft,
    mistakes: Sequence[Mistake] = (),
    *,
    of: Target | None = None,
    status: int = 200,
    meanwhile: Target | None = None,
) -> HttpResponse:
    page = _drawn(request, draft, mistakes, of) | {
        "form": form, "target": of,
        "meanwhile": shown.asks(meanwhile) if meanwhile else None,
    }  # fmt: skip
    return render(request, "targets/form.html", page, status=status)


def _drawn(
    request: Request, draft: Draft, mistakes: Sequence[Mistake] = (), of: Target | None = None
) -> dict[str, Any]:
    """The draft as it is drawn, and whom it finds, if it is whole."""
    try:
        tree = operations.check(draft, of=of)
    except ConditionsRefused:
        found = None
    else:
        found = shown.found(queries.asked(tree, *_when(request)), request)
        found["says"] = shown.tree(tree)
    return {
        "draft": forms.drawn(draft, mistakes, Known(of)),
        "found": found,
        "purposes": forms.PURPOSES_LISTED,
        "channels": forms.CHANNELS_LISTED,
    }


def _target_of(request: Request) -> Target | None:
    """The target that is being changed, as the draft carries it."""
    try:
        return queries.by_public_id(UUID(request.POST.get("of", "")))
    except (ValueError, TargetRefused):
        return None


def _when(request: Request) -> tuple[Any, str]:
    return request.desk.now, request.desk.house.time_zone


def _key(form: NameForm) -> UUID | None:
    form.is_valid()
    return form.cleaned_data.get("key")
