"""Campaigns as pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from fadeout.accounts.permissions import Permission
from fadeout.campaigns import queries, readiness, totals
from fadeout.campaigns.audience import Audience
from fadeout.campaigns.models import Campaign, CampaignType, State
from fadeout.console.campaigns.words import LEFT_OUT, STATES, TROUBLES, TYPES_EXPLAINED
from fadeout.console.charts.bars import Column, Look, Series, bar_chart
from fadeout.console.frame.words import CAMPAIGN_TYPES
from fadeout.contacts.words import CHANNELS, PURPOSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fadeout.campaigns.audience import LeftOut
    from fadeout.console.charts.bars import Chart
    from fadeout.console.frame.desk import Desk

#: States in which something may change by itself.
MOVING = (State.SCHEDULED, State.SENDING)
BEGUN = (State.SENDING, State.PAUSED, State.SENT, State.CANCELLED)


def lines(campaigns: list[Campaign]) -> list[dict[str, Any]]:
    """The rows of the list."""
    figures = totals.standings(campaigns)
    return [
        {"campaign": campaign, **_named(campaign), "figures": figures[campaign.pk]}
        for campaign in campaigns
    ]


def sheet(campaign: Campaign, desk: Desk) -> dict[str, Any]:
    """All that the page of a campaign tells."""
    texts = {text.language: text for text in campaign.texts.all()}
    placed = list(campaign.placed.select_related("link").order_by("position"))
    clicked = queries.clicked(campaign) if campaign.state in BEGUN else {}
    return live(campaign, desk) | {
        "explained": TYPES_EXPLAINED[CampaignType(campaign.type)],
        "purpose": PURPOSES.get(campaign.purpose or "", campaign.purpose),
        "channel": CHANNELS[campaign.channel],
        "placed": [{"tag": p.tag, "link": p.link, "clicked": clicked.get(p.tag)} for p in placed],
        "texts": [
            {"code": code, "name": name, "text": texts.get(code), "is_main": code == campaign.language}
            for code, name in settings.LANGUAGES
        ],
        "lacks": lacks(campaign) if campaign.state == State.DRAFT else [],
    }  # fmt: skip


def live(campaign: Campaign, desk: Desk) -> dict[str, Any]:
    """How far it is: asked again every two seconds while something moves."""
    state, figures = State(campaign.state), totals.standing(campaign)
    may_send = desk.user.may(Permission.SEND_CAMPAIGNS)
    total = figures.done + figures.waiting
    return {
        "campaign": campaign,
        **_named(campaign),
        "figures": figures,
        "total": total,
        "per_cent": 100 * figures.done // total if total else 0,
        "left_out": reasons(figures.left_out),
        "is_moving": state in MOVING,
        "has_begun": state in BEGUN and campaign.started_at is not None,
        "trouble": TROUBLES.get(campaign.trouble or "", campaign.trouble),
        "may_edit": desk.user.may(Permission.EDIT_CAMPAIGNS),
        "may_send": may_send,
        "time_zone": desk.house.time_zone,
    }


def reach(audience: Audience) -> dict[str, Any]:
    """Who gets it, and why the others do not: figures, a chart and its table."""
    rows = reasons(audience.left_out)
    return {"reach": audience, "left_out": rows, "chart": _chart(audience) if rows else None}


def reasons(left_out: Mapping[LeftOut, int]) -> list[dict[str, Any]]:
    """Why somebody was left out, with how many."""
    return [{"name": LEFT_OUT[reason], "count": count} for reason, count in left_out.items()]


def lacks(campaign: Campaign) -> list[dict[str, Any]]:
    """What is still missing before it can be sent."""
    names = dict(settings.LANGUAGES)
    return [
        {"said": readiness.SENTENCES[missing.lack], "language": names.get(missing.language, "")}
        for missing in readiness.missing(campaign)
    ]


def _named(campaign: Campaign) -> dict[str, Any]:
    state, look = STATES[State(campaign.state)]
    return {"state": state, "look": look, "type": CAMPAIGN_TYPES[campaign.type]}


def _chart(audience: Audience) -> Chart:
    gets_it = Column(
        label=_("gets it"), values=(audience.reached, 0), tick=_("gets it"), narrow_tick="✓"
    )
    others = [
        Column(label=str(LEFT_OUT[reason]), values=(0, count), tick=str(n), narrow_tick=str(n))
        for n, (reason, count) in enumerate(audience.left_out.items(), start=1)
    ]
    return bar_chart(
        [gets_it, *others],
        [Series(_("gets it")), Series(_("left out"), Look.HATCHED)],
        name="reach",
        title=_("Contacts of the target, by what becomes of them"),
        about=_("%(reached)s of %(target)s contacts get it; a bar for each reason to leave somebody out.")
        % {"reached": number_format(audience.reached), "target": number_format(audience.target)},
        head=_("Contacts"),
        unit=_("Contacts"),
        height=200,
    )  # fmt: skip


def types() -> list[dict[str, Any]]:
    """Every type of campaign, explained."""
    return [
        {"name": CAMPAIGN_TYPES[kind], "about": about} for kind, about in TYPES_EXPLAINED.items()
    ]
