"""Forget this contact: the last step, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import shown
from fadeout.console.contacts.desk import of_contact, sheet
from fadeout.console.contacts.forms import ForgetForm
from fadeout.console.contacts.sentence import reasons_of
from fadeout.console.frame import numbered
from fadeout.console.frame.access import needs
from fadeout.console.plans.shown import failure
from fadeout.contacts import records
from fadeout.contacts.refusals import Refused, Why
from fadeout.institution import queries as institution
from fadeout.plans import by_hand
from fadeout.plans import queries as plans
from fadeout.policy.outcomes import Outcome, PlanKind, Reason
from fadeout.recency.queries import Question
from fadeout.runs import queries as runs
from fadeout.sales.queries import organisation_names
from fadeout.worker import forgetting, jobs
from fadeout.worker.forgetting import EffectChanged

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.plans.by_hand import Effect
    from fadeout.recency.sheets import Sheet

#: What somebody does about what forbids it.
WAYS_OUT = {
    Reason.DEBTOR: gettext_lazy(
        "Have it paid or written off in the system that sells, and import that."
    ),
    Reason.CREDITOR: gettext_lazy(
        "Have it paid back or booked out in the system that sells, and import that."
    ),
    Reason.HOLD: gettext_lazy("Whoever answers for the hold lifts it."),
    Reason.RESTRICTION: gettext_lazy("Whoever answers for the restriction lifts it."),
    Reason.REQUEST: gettext_lazy("Answer the request first, then lift its hold."),
    Reason.OPEN_ORDER: gettext_lazy(
        "Have the order confirmed or cancelled in the system that sells, and import that."
    ),
    Reason.SALE_TO_COME: gettext_lazy(
        "Wait until it has taken place, or have it cancelled and import that."
    ),
}


@needs(Permission.FORGET_CONTACTS, irreversible=True)
@of_contact
def forget(request: Request, public_id: UUID) -> HttpResponse:
    """What would become of the contact; by POST, have the worker do it."""
    contact = records.on_file(public_id)
    if under_way := forgetting.plan_under_way(contact, now=request.desk.now):
        return redirect("forgetting", plan=under_way.pk)
    on_file, effect = sheet(request, public_id), _effect(request, contact.pk)
    has_vault = request.desk.has_vault and not effect.is_asked
    is_sent, is_changed = request.method == "POST", False
    form = ForgetForm(
        request.POST if is_sent else None,
        initial={"confirmed": effect.mark},
        effect=effect, has_vault=has_vault, number=on_file.identity.contact_number,
    )  # fmt: skip
    if is_sent and form["confirmed"].value() != effect.mark:
        is_changed = True
    elif form.is_valid() and not effect.forbidding:
        try:
            return _ask(request, public_id, form, has_vault=has_vault)
        except EffectChanged:
            effect, is_changed = _effect(request, contact.pk), True
    if is_changed:
        form = ForgetForm(
            initial={"confirmed": effect.mark},
            effect=effect, has_vault=has_vault, number=on_file.identity.contact_number,
        )  # fmt: skip
    told = _told(on_file, effect) | {
        "form": form,
        "is_changed": is_changed,
        "has_vault": has_vault,
    }
    status = 409 if is_changed else 422 if is_sent else 200
    return render(request, "contacts/forget.html", told, status=status)


@needs(Permission.FORGET_CONTACTS)
def under_way(request: Request, plan: int) -> HttpResponse:
    """Where it stands, until there is a run: that has a page of its own."""
    found = numbered.found(plans.by_number, plan)
    if found.kind != PlanKind.FORGET:
        raise Http404
    run = runs.of_plan(found)
    if run is not None:
        to = HttpResponseClientRedirect if request.htmx else redirect
        return to(reverse("run", args=[run.pk]))
    is_asked_for = jobs.is_about_to_run(found)
    told = {
        "plan": found,
        "is_asked_for": is_asked_for,
        "is_approved": bool(plans.approvers(found)),
        "failure": None if is_asked_for else failure(found),
    }
    template = "contacts/forgetting_state.html" if request.htmx else "contacts/forgetting.html"
    return render(request, template, told)


def _effect(request: Request, contact: int) -> Effect:
    policy, house = institution.policy_in_force(), request.desk.house
    question = Question(as_of=request.desk.today, months=policy.months, time_zone=house.time_zone)
    effect = by_hand.effect(contact, question)
    if effect is None:
        raise Refused(Why.NOT_ON_FILE)
    return effect


def _ask(request: Request, public_id: UUID, form: ForgetForm, *, has_vault: bool) -> HttpResponse:
    asked = forgetting.ask(
        public_id,
        confirmed=form.cleaned_data["confirmed"],
        house=request.desk.house,
        policy=institution.policy_in_force(),
        by=request.desk.operator,
        today=request.desk.today,
        now=request.desk.now,
        without_recovery=not has_vault,
    )
    return redirect("forgetting", plan=asked.plan.pk)


def _told(on_file: Sheet, effect: Effect) -> dict[str, Any]:
    return shown.about(on_file.identity) | {
        "effect": effect,
        "is_deleted": effect.outcome is Outcome.DELETE,
        "forbidding": _sentences(effect.forbidding, on_file),
        "two_people": institution.policy_in_force().two_people,
        "stays_until": on_file.stay.stays_until if on_file.stay.is_kept_by_recency else None,
        "orders": on_file.orders.count,
    }


def _sentences(reasons: tuple[Reason, ...], on_file: Sheet) -> list[dict[str, Any]]:
    """What forbids it, each with the way out."""
    organisations = organisation_names()
    return [
        {"said": said, "way_out": WAYS_OUT[reason]}
        for reason in reasons
        for said in reasons_of((reason,), on_file.stay.exclusions, organisations)
    ]
