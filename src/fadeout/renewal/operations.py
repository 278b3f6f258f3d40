"""Begins a renewal and makes what belongs to it, one step after the other.

What could go wrong, and what prevents it:

- It is broken off in the middle: each step is a transaction of its own, and what it made stands in the row;
  whoever goes on begins at the first step that is missing.
- Two go on at once: the row is locked while a step is made, and whoever comes second finds it made.
- Due is counted by an old recency: the simulation that comes before the target has decided everybody anew.
- Something of the same name is there already: what is made gets a number behind its name.
- Mails go out that nobody decided on: the campaign is a draft, with texts to be read and edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from fadeout.campaigns import operations as campaigns
from fadeout.campaigns.models import Campaign, CampaignType
from fadeout.campaigns.refusals import Refused as CampaignRefused
from fadeout.campaigns.refusals import Why as OfCampaign
from fadeout.core import clock, mail
from fadeout.institution import queries as institution
from fadeout.institution.models import Institution, Operator
from fadeout.links import operations as links
from fadeout.links.models import TrackedLink
from fadeout.links.refusals import LinkRefused
from fadeout.links.refusals import Why as OfLink
from fadeout.plans import operations as plans
from fadeout.plans.models import Plan
from fadeout.renewal import destinations, letters
from fadeout.renewal.models import Renewal, Step
from fadeout.renewal.refusals import RenewalRefused, Why
from fadeout.targets import operations as targets
from fadeout.targets import queries as target_queries
from fadeout.targets.conditions import Ask, Condition, Group, How, On
from fadeout.targets.models import Target
from fadeout.targets.refusals import Refusal, TargetRefused

DEFAULT_MONTHS, DEFAULT_WITHIN = 24, 12
MOST_MONTHS = 1_200
#: Room for a number behind it, in what is made of it.
LONGEST_NAME = 100
MOST_OF_A_NAME = 50

Made = TypeVar("Made")


def start(  # noqa: PLR0913 - what a renewal is made of
    *,
    name: str,
    page_url: str | None,
    months: int,
    within: int,
    by: Operator,
    now: datetime,
    public_id: UUID | None = None,
) -> Renewal:
    """A new renewal, of which nothing is made yet.

    Args:
        name: what it is called, and what is made of it.
        page_url: the house's own page to stay; nothing for Fadeout's.
        months: the period of its simulation.
        within: within how many months contacts are due who are asked.
        by: who begins it.
        now: this instant.
        public_id: what it is known by, so that what is sent twice begins one; chosen if left out.

    Raises:
        RenewalRefused: NAME_EMPTY, NAME_LONG, NAME_TAKEN, MONTHS, WITHIN, NO_SENDER.
        LinkRefused: the address of the page cannot be so.
        BadInput: Fadeout's page cannot be reached, or has nothing to offer.
    """
    given = {
        "name": _name(name),
        "destination": destinations.checked(page_url),
        "months": _months(months, Why.MONTHS),
        "within": _months(within, Why.WITHIN),
    }
    if not mail.sender():
        raise RenewalRefused(Why.NO_SENDER)
    if public_id is not None:
        given["public_id"] = public_id
    try:
        with transaction.atomic():
            made = Renewal.objects.create(created_at=now, created_by=by, **given)
    except IntegrityError as error:
        raise RenewalRefused(Why.NAME_TAKEN) from error
    made.refresh_from_db(fields=["public_id"])
    return made


def go_on(
    renewal: Renewal,
    *,
    house: Institution,
    by: Operator,
    now: datetime,
    made: Callable[[Step], None] = lambda _: None,
) -> Renewal:
    """Make all that is missing.

    Args:
        renewal: of which.
        house: the institution.
        by: who does it.
        now: this instant.
        made: told of each step that was made.

    Raises:
        DidNotHold: contacts were deleted while it was simulated.
    """
    maker = _Maker(house, by, now)
    while (step := renewal.next_step) is not None:
        with transaction.atomic():
            found = Renewal.objects.select_for_update().get(pk=renewal.pk)
            if found.next_step is step:
                maker.make(found, step)
                found.save()
                made(step)
        renewal.refresh_from_db()
    return renewal


def compare(renewal: Renewal, *, house: Institution, by: Operator, now: datetime) -> Plan:
    """Simulate once more, by the same period, to see what came of it.

    Raises:
        RenewalRefused: NOT_MADE.
        DidNotHold: contacts were deleted while it was simulated.
    """
    if renewal.plan_id is None:
        raise RenewalRefused(Why.NOT_MADE)
    with transaction.atomic():
        plan = _simulated(renewal.months, house, by, now)
        Renewal.objects.filter(pk=renewal.pk).update(later_plan=plan)
    renewal.later_plan = plan
    return plan


class _Maker:
    """Makes the steps of a renewal."""

    def __init__(self, house: Institution, by: Operator, now: datetime) -> None:
        self.house, self.by, self.now = house, by, now

    def make(self, renewal: Renewal, step: Step) -> None:
        """Make one, and put it into the row."""
        makers = {
            Step.LINK: self.link,
            Step.PLAN: self.plan,
            Step.TARGET: self.target,
            Step.CAMPAIGN: self.campaign,
        }
        setattr(renewal, step, makers[step](renewal))

    def link(self, renewal: Renewal) -> TrackedLink:
        """The tracked link to the page."""
        return _named(
            renewal.name,
            lambda name: links.add(
                name=name, destination=renewal.destination, by=self.by, now=self.now
            ),
        )

    def plan(self, renewal: Renewal) -> Plan:
        """The simulation by the shorter period."""
        return _simulated(renewal.months, self.house, self.by, self.now)

    def target(self, renewal: Renewal) -> Target:
        """Whoever is due by now, frozen: the figures of the renewal are about these."""
        due = Group(How.ALL, (Condition(On.RECENCY, Ask.DUE_WITHIN, str(renewal.within)),))
        target = _named(
            renewal.name,
            lambda name: targets.add_frozen(
                name=name, conditions=due.data(), by=self.by, now=self.now,
                time_zone=self.house.time_zone,
            ),
        )  # fmt: skip
        ground = target_queries.ground(self.now, self.house.time_zone)
        renewal.cutoff, renewal.due = ground.cutoff_in(renewal.within), target.members.count()
        return target

    def campaign(self, renewal: Renewal) -> Campaign:
        """The draft of the letter, in every language."""
        made = _named(renewal.name, lambda name: self._draft(renewal, name))
        for language, letter in letters.LETTERS.items():
            campaigns.save_text(
                made, language=language, subject=letter.subject,
                mjml=letters.mjml(letter), plain=letters.plain(letter), now=self.now,
            )  # fmt: skip
        return made

    def _draft(self, renewal: Renewal, name: str) -> Campaign:
        assert renewal.link is not None  # noqa: S101 - steps are made in order
        return campaigns.create(
            name=name, type=CampaignType.RENEWAL, target=renewal.target, links=[renewal.link],
            sender_name=self.house.name, sender_address=mail.sender(), reply_to=None,
            language="en", per_minute=None, by=self.by, now=self.now,
        )  # fmt: skip


def _simulated(months: int, house: Institution, by: Operator, now: datetime) -> Plan:
    return plans.simulate(
        house=house, policy=institution.policy_in_force(), by=by,
        as_of=clock.local_day(now, house.time_zone), months=months, now=now,
    )  # fmt: skip


def _named(name: str, make: Callable[[str], Made]) -> Made:
    """Made under this name, or under the first free one with a number behind it."""
    for candidate in _names(name):
        try:
            with transaction.atomic():
                return make(candidate)
        except (LinkRefused, CampaignRefused) as refused:
            if refused.why not in (OfLink.NAME_TAKEN, OfCampaign.NAME_TAKEN):
                raise
        except TargetRefused as refused:
            if refused.code is not Refusal.NAME_TAKEN:
                raise
    raise RenewalRefused(Why.NAME_TAKEN)


def _names(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} ({number})" for number in range(2, MOST_OF_A_NAME))


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or not name.isprintable():
        raise RenewalRefused(Why.NAME_EMPTY)
    if len(name) > LONGEST_NAME:
        raise RenewalRefused(Why.NAME_LONG)
    return name


def _months(given: int, why: Why) -> int:
    if not 1 <= given <= MOST_MONTHS:
        raise RenewalRefused(why)
    return given
