"""Renewals as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fadeout.campaigns import steering
from fadeout.console.charts.bars import Chart, Column, Look, Series, bar_chart
from fadeout.console.frame.words import OUTCOMES
from fadeout.core.places import language_name
from fadeout.renewal import queries
from fadeout.renewal.models import Renewal, Step
from fadeout.worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import Promise

    from fadeout.renewal.queries import Compared, Figures

NAMES: dict[Step, Promise | str] = {
    Step.LINK: gettext_lazy("Tracked link"),
    Step.PLAN: gettext_lazy("Simulation"),
    Step.TARGET: gettext_lazy("Target"),
    Step.CAMPAIGN: gettext_lazy("Letter"),
}
ADDRESSES: dict[Step, Callable[[Renewal], str]] = {
    Step.LINK: lambda renewal: reverse("link", args=[renewal.link.code]),  # type: ignore[union-attr]
    Step.PLAN: lambda renewal: reverse("plan", args=[renewal.plan_id]),
    Step.TARGET: lambda renewal: reverse("target", args=[renewal.target.public_id]),  # type: ignore[union-attr]
    Step.CAMPAIGN: lambda renewal: reverse("campaign", args=[renewal.campaign.public_id]),  # type: ignore[union-attr]
}


@dataclass(frozen=True)
class StepShown:
    """A step: what it is, what became of it, and where that is."""

    name: str
    is_made: bool
    is_next: bool
    url: str | None
    said: str


def steps(renewal: Renewal) -> dict[str, Any]:
    """How far it is, and whether somebody is at it."""
    return {
        "renewal": renewal,
        "steps": [_step(renewal, step) for step in Step],
        "is_made": renewal.next_step is None,
        "is_under_way": jobs.is_renewing(renewal.pk),
    }


def _step(renewal: Renewal, step: Step) -> StepShown:
    is_made = getattr(renewal, f"{step}_id") is not None
    return StepShown(
        name=str(NAMES[step]),
        is_made=is_made,
        is_next=renewal.next_step is step,
        url=ADDRESSES[step](renewal) if is_made else None,
        said=_said(renewal, step) if is_made else "",
    )


def _said(renewal: Renewal, step: Step) -> str:
    if step is Step.PLAN:
        return _("plan %(number)s, %(months)s months") % {
            "number": renewal.plan_id,
            "months": renewal.months,
        }
    if step is Step.TARGET:
        return _("%(due)s contacts, frozen") % {"due": number_format(renewal.due or 0)}
    made = getattr(renewal, step)
    return str(made.name)


def page(renewal: Renewal, *, now: datetime, time_zone: str) -> dict[str, Any]:
    """All of a renewal."""
    told = steps(renewal)
    figures = queries.figures(renewal)
    if figures is None or renewal.campaign is None:
        return told
    reached = (
        figures.letters.audience
        if figures.letters
        else steering.reaches(renewal.campaign, now=now, time_zone=time_zone).reached
    )
    compared = queries.compared(renewal)
    return told | {
        "figures": figures,
        "reached": reached,
        "not_reached": figures.due - reached,
        "funnel": _funnel(figures, reached),
        "rows": _rows(figures, reached),
        "by_language": [
            (_language(code), due, renewed) for code, due, renewed in figures.languages
        ],
        "compared": _compared(compared) if compared else None,
        "counts": compared.counts if compared else None,
    }


def _language(code: str) -> str:
    if code == queries.OTHERS:
        return _("Others")
    return language_name(code) if code else _("no language on file")


def _rows(figures: Figures, reached: int) -> list[tuple[str, int, str]]:
    """The figures one below the other, with how each is meant."""
    letters = figures.letters
    rows = [
        (_("Due"), figures.due, _("in the target when it was frozen")),
        (_("May be written to"), reached, _("said yes to e-mail, and can be reached")),
    ]
    if letters:
        rows += [
            (_("Sent"), letters.sent, _("taken by the mail server")),
            (_("Failed"), letters.failed + letters.bounced, _("refused or come back")),
            (_("Clicked"), figures.clicked, _("themselves; programs are left out")),
        ]
    return [
        *rows,
        (_("Renewed"), figures.renewed, _("of those due: not due any more")),
        (_("· by their click"), figures.renewed_by_click, _("on their own link in the letter")),
        (_("· otherwise"), figures.renewed_otherwise, _("bought, reserved, decided on a page …")),
        (_("Still due"), figures.still_due, _("of those due: still so")),
        (_("Forgotten since"), figures.forgotten, _("of those due: not on file any more")),
    ]


def _funnel(figures: Figures, reached: int) -> Chart:
    sent = figures.letters.sent if figures.letters else 0
    by_click, otherwise = figures.renewed_by_click, figures.renewed_otherwise
    columns = [
        (_("Due"), (by_click, otherwise, figures.due - figures.renewed)),
        (_("May be written to"), (by_click, 0, max(reached - by_click, 0))),
        (_("Sent"), (min(by_click, sent), 0, max(sent - by_click, 0))),
        (_("Renewed by a click"), (by_click, 0, 0)),
    ]
    return bar_chart(
        [
            Column(label=label, values=values, tick=label, narrow_tick=str(n))
            for n, (label, values) in enumerate(columns, start=1)
        ],
        [
            Series(_("renewed by their click")),
            Series(_("renewed otherwise"), Look.HOLLOW),
            Series(_("not heard from"), Look.HATCHED),
        ],
        name="funnel",
        title=_("From due to renewed"),
        about=_("%(due)s due, %(reached)s may be written to, %(sent)s sent, %(renewed)s renewed by a click.")
        % {
            "due": number_format(figures.due), "reached": number_format(reached),
            "sent": number_format(sent), "renewed": number_format(by_click),
        },
        head=_("Step"),
        unit=_("Contacts"),
        height=240,
    )  # fmt: skip


def _compared(compared: Compared) -> list[tuple[str, int, int]]:
    return [
        (str(OUTCOMES[outcome]), compared.before[outcome], compared.after[outcome])
        for outcome in OUTCOMES
    ]
