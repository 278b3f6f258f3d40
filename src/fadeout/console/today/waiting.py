"""What waits for whoever looks: by what they may do, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fadeout.accounts.permissions import Permission
from fadeout.batches import queries as batches
from fadeout.console.frame.words import PLAN_KINDS
from fadeout.contacts import ending_holds
from fadeout.core import dates
from fadeout.plans import queries as plans
from fadeout.policy.outcomes import PlanKind
from fadeout.residue import queries as residue
from fadeout.rights import queries as rights
from fadeout.runs import open_plans
from fadeout.runs import queries as runs
from fadeout.runs.brakes import LIFTABLE
from fadeout.runs.open_plans import Open, Step
from fadeout.vault import queries as vault
from fadeout.worker import health, jobs

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Desk

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Item:
    """One thing to see to: what, why, and where."""

    what: str
    why: str
    url: str | None = None


class Look:
    """One look around, for one user; what is asked for twice is read once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @cached_property
    def open_plans(self) -> list[Open]:
        """Plans that wait for a step, the newest first."""
        return open_plans.find(today=self.desk.today, now=self.desk.now)


def items(desk: Desk) -> list[Item]:
    """All that waits for this user."""
    look = Look(desk)
    asked = [of for permission, of in SOURCES if desk.user.may(permission)]
    return list(chain.from_iterable(of(look) for of in asked))


def _runs(_look: Look) -> Iterator[Item]:
    said = {
        "paused": (_("Resume or cancel run %(run)s"), _("It is paused. What it struck stays so.")),
        "running": (_("Resume run %(run)s"), _("It was interrupted. Nothing half done stays.")),
        "incomplete": (
            _("Look at run %(run)s"),
            _("It ended incomplete: its audits found something."),
        ),
    }
    for run in runs.waiting():
        what, why = said[run.state]
        yield Item(what % {"run": run.pk}, why, reverse("run", args=[run.pk]))


def _approvals(look: Look) -> Iterator[Item]:
    for found in look.open_plans:
        if found.step is Step.APPROVAL and found.waits_for(look.desk.operator):
            if found.approved_by:
                what = _("Approve plan %(plan)s, as the second of two")
            else:
                what = _("Look at plan %(plan)s and approve it")
            yield Item(
                what % {"plan": found.plan.pk}, _told(found), reverse("plan", args=[found.plan.pk])
            )


def _to_run(look: Look) -> Iterator[Item]:
    for found in look.open_plans:
        if found.step is not Step.RUN or jobs.is_waiting(found.plan):
            continue
        url = reverse("plan", args=[found.plan.pk])
        if not found.held:
            what, why = _("Run plan %(plan)s"), _("It is approved. %(told)s")
        elif look.desk.user.may(Permission.LIFT_BRAKES) and set(found.held) <= set(LIFTABLE):
            what = _("Decide about plan %(plan)s")
            why = _("It is approved, but strikes so many that a brake holds it. %(told)s")
        else:
            what = _("Plan %(plan)s cannot run")
            why = _("It is approved, but strikes so many that a brake holds it. %(told)s")
        yield Item(what % {"plan": found.plan.pk}, why % {"told": _told(found)}, url)


def _told(found: Open) -> str:
    struck = plans.struck_by(found.plan)
    if found.plan.kind != PlanKind.INACTIVITY:
        said = ngettext("%(struck)s contact, %(kind)s.", "%(struck)s contacts, %(kind)s.", struck)
    else:
        said = ngettext(
            "It would strike %(struck)s contact.", "It would strike %(struck)s contacts.", struck
        )
    return said % {"struck": number_format(struck), "kind": PLAN_KINDS[found.plan.kind]}


def _batches(_look: Look) -> Iterator[Item]:
    for start in batches.failed():
        yield Item(
            _("A batch failed"),
            _("It was due on %(day)s and did not do its work.")
            % {"day": dates.written(localtime(start.due_at), "DATETIME_FORMAT")},
            reverse("batches"),
        )


def _residue(_look: Look) -> Iterator[Item]:
    for run, texts in residue.runs_to_judge().items():
        what = ngettext(
            "Judge %(texts)s text that run %(run)s left",
            "Judge %(texts)s texts that run %(run)s left",
            texts,
        )
        yield Item(
            what % {"texts": number_format(texts), "run": run},
            _("They may name somebody who was struck."),
            reverse("run_residue", args=[run]),
        )


def _holds(look: Look) -> Iterator[Item]:
    ending = ending_holds.between(look.desk.today, look.desk.today + SOON)
    if ending is not None:
        what = ngettext(
            "%(holds)s hold ends within two weeks",
            "%(holds)s holds end within two weeks",
            ending.holds,
        )
        yield Item(
            what % {"holds": number_format(ending.holds)},
            _("The first on %(day)s. Prolong them or let them end.")
            % {"day": dates.written(ending.first)},
            reverse("contacts"),
        )


def _requests(look: Look) -> Iterator[Item]:
    waiting = rights.open_requests()
    if not waiting:
        return
    what = ngettext(
        "%(requests)s contact asks to be forgotten",
        "%(requests)s contacts ask to be forgotten",
        len(waiting),
    )
    late = waiting[0].is_late(look.desk.today)
    why = _("The first was due on %(day)s.") if late else _("Answer the first by %(day)s.")
    yield Item(
        what % {"requests": number_format(len(waiting))},
        why % {"day": dates.written(waiting[0].due_on)},
        reverse("requests"),
    )


def _keys(look: Look) -> Iterator[Item]:
    days = vault.keys_until(look.desk.today + SOON)
    overdue = [day for day in days if day < look.desk.today]
    if overdue:
        yield Item(
            _("Keys of the vault are overdue"),
            _(
                "What should have become unreadable on %(day)s can still be read. The worker destroys it."
            )
            % {"day": _day(overdue[0])},
            reverse("vault"),
        )
    soon = [day for day in days if day >= look.desk.today]
    if soon:
        yield Item(
            _("The vault loses something for good on %(day)s") % {"day": _day(soon[0])},
            _("Until then support can bring back what lies there."),
            reverse("vault"),
        )


def _recipient(look: Look) -> Iterator[Item]:
    if not look.desk.has_vault:
        yield Item(
            _("Set the vault up"),
            _("Without support's public key no run can be undone for anybody: fadeout vault init"),
            reverse("vault"),
        )


def _worker(_look: Look) -> Iterator[Item]:
    if not health.look().worker:
        yield Item(
            _("No worker is at work"),
            _(
                "Nothing is simulated, run or counted from here until somebody starts it: fadeout worker"
            ),
        )


def _day(day: date) -> str:
    return dates.written(day)


#: What each needs, in the order in which it is shown.
SOURCES: tuple[tuple[Permission, Callable[[Look], Iterator[Item]]], ...] = (
    (Permission.SEE_BATCHES, _worker),
    (Permission.ANSWER_REQUESTS, _requests),
    (Permission.RUN, _runs),
    (Permission.APPROVE, _approvals),
    (Permission.RUN, _to_run),
    (Permission.SEE_BATCHES, _batches),
    (Permission.RUN, _residue),
    (Permission.HOLD_CONTACTS, _holds),
    (Permission.SEE_VAULT, _keys),
    (Permission.SEE_VAULT, _recipient),
)
