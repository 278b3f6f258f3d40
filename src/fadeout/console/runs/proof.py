"""What is left to judge after a run, and its certificate."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from fadeout.accounts.permissions import Permission
from fadeout.certificates import content, page
from fadeout.console.frame.access import needs
from fadeout.console.runs.views import found
from fadeout.core.errors import FadeoutError
from fadeout.residue import findings, queries
from fadeout.runs import queries as runs
from fadeout.runs.models import RunState
from fadeout.vault import queries as vault

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request
    from fadeout.runs.models import Run

TEXTS_SHOWN = 200
KINDS = {
    "email": gettext_lazy("e-mail address"),
    "phone": gettext_lazy("phone number"),
    "login": gettext_lazy("login"),
    "number": gettext_lazy("contact number"),
    "name": gettext_lazy("name"),
}
DONE = {
    "redacted": gettext_lazy("taken out"),
    "listed": gettext_lazy("to be judged"),
    "shared": gettext_lazy("left: somebody else has it"),
}


@needs(Permission.RUN, irreversible=True)
def residue(request: Request, number: int) -> HttpResponse:
    """Texts about others in which something of whoever was struck was left, for a person to judge."""
    run = found(number)
    can_be_judged = run.state in (RunState.DONE, RunState.CANCELLED)
    left, is_sent = queries.left_to_judge(run.pk), request.method == "POST"
    if is_sent and not left:
        messages.info(request, _("No text is left to judge."))
        return redirect("run_residue", number=run.pk)
    is_changed = is_sent and request.POST.get("left") != str(left)
    if is_sent and can_be_judged and not is_changed:
        judged = findings.forget_rows(run.pk, by=request.desk.operator, now=request.desk.now)
        told = ngettext(
            "%(n)s text is judged; only counts are kept.",
            "%(n)s texts are judged; only counts are kept.",
            judged,
        )
        messages.success(request, told % {"n": judged})
        return redirect("run_residue", number=run.pk)
    told_of = {
        "number": str(run.pk),
        "left": left,
        "more": max(left - TEXTS_SHOWN, 0),
        "can_be_judged": can_be_judged,
        "is_changed": is_changed,
        "totals": [
            (f"{t.table}.{t.column}", KINDS[t.kind], DONE[t.done], t.found, t.texts)
            for t in queries.totals(run.pk)
        ],
        "texts": [
            (f"{one.table}.{one.column}", one.row, one.key, KINDS[one.kind], DONE[one.done])
            for one in islice(queries.to_judge(run.pk), TEXTS_SHOWN)
        ],
    }
    status = 409 if is_sent else 200
    return render(request, "runs/residue.html", told_of, status=status)


@needs(Permission.SEE_LEDGER)
@require_safe
def certificate(request: Request, number: int) -> HttpResponse:
    """The certificate as a page to print."""
    run = found(number)
    try:
        made = _certified(run, request)
    except FadeoutError as refused:
        told: dict[str, Any] = {"number": str(run.pk), "refused": refused}
        return render(request, "runs/certificate.html", told, status=409)
    body = mark_safe(page.body(made))  # noqa: S308 - of a template that escapes everything
    return render(request, "runs/certificate.html", {"number": str(run.pk), "body": body})


@needs(Permission.SEE_LEDGER)
@require_safe
def certificate_json(request: Request, number: int) -> HttpResponse:
    """The same for programs, as the command writes it."""
    run = found(number)
    response = HttpResponse(page.as_json(_certified(run, request)), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="certificate-{run.pk}.json"'
    return response


def _certified(run: Run, request: Request) -> content.Certificate:
    return content.certificate_of(
        run,
        house=request.desk.house,
        now=request.desk.now,
        recoverable_until=vault.recoverable_until(runs.sealed(run)),
    )
