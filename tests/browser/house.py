"""A house of which every page has something to show: what the demo invents, and what was done since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from fadeout.accounts import operations as accounts
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.campaigns.models import Campaign, CampaignType
from fadeout.cli import demo
from fadeout.contacts.models import Contact, Hold, Note
from fadeout.core import clock, database
from fadeout.demo import house as demo_house
from fadeout.demo import staff
from fadeout.institution import operations as institution
from fadeout.institution import queries
from fadeout.institution.models import Operator
from fadeout.links import clicks
from fadeout.links import operations as links
from fadeout.links.clicks import Opened
from fadeout.links.human import Asked
from fadeout.links.models import TrackedLink
from fadeout.plans import forgetting
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.plans.forgetting import Named
from fadeout.plans.models import Plan, PlanRow
from fadeout.policy.outcomes import Outcome
from fadeout.runs import operations as runs
from fadeout.runs.brakes import Lifting
from fadeout.runs.control import Control
from fadeout.runs.models import Run, RunState
from fadeout.targets import operations as targets
from fadeout.targets.models import Target
from tests import support
from tests.browser import audience
from tests.campaigns import house as campaigns
from tests.console import examples
from tests.console.visitors import PASSWORD
from tests.links.house import FIREFOX
from tests.public.house import opened

CONTACTS = 300
DAYS_SINCE_THE_RUN = 45


@dataclass(frozen=True, kw_only=True)
class Furnished(examples.Furnished):
    """With somebody of every role."""

    users: dict[Role, User]


def furnished(folder: Path) -> Furnished:
    """Found it, import it, plan and run; one run is done, one is paused, one plan waits for a decision."""
    now = clock.now()
    before = now - timedelta(days=DAYS_SINCE_THE_RUN)
    institution.found(name=demo.NAME, time_zone=demo.TIME_ZONE, currency=demo.CURRENCY, now=before)
    support.keyring().set_recipient(support.RECIPIENT, replace=True)
    users = {
        role: accounts.add(
            name=name,
            email=f"{role}@example.org",
            role=role,
            password=PASSWORD,
            by=None,
            now=before,
        )
        for role, name in staff.NAMES.items()
    }
    demo_house.invent(folder, contacts=CONTACTS, today=clock.local_day(now, demo.TIME_ZONE))
    support.import_folder(folder)
    dpo, admin = users[Role.DPO].operator, users[Role.ADMINISTRATOR].operator
    batch = batches.create(schedule="30 3 1 * *", told=[dpo], by=admin, now=before)
    second = batches.create(
        schedule="0 4 * * 1", told=[admin, dpo], months=48, by=admin, now=before
    )
    batches.switch(second, to_real=True, by=admin, now=now)
    done = _run(_approved(before, 36, users), users, before)
    paused = _run(_approved(now, 33, users), users, now, control=Control(interrupted=True))
    assert (done.state, paused.state) == (RunState.DONE, RunState.PAUSED)
    approved, waiting = _approved(now, 36, users), _simulated(now, 34, users)
    hold = Hold.objects.earliest("pk")
    renewal = audience.renewal(users[Role.MARKETER].operator, now)
    return Furnished(
        users=users,
        done=done,
        paused=paused,
        approved=approved,
        waiting=waiting,
        by_hand=_by_hand(waiting, admin, now),
        batch=batch,
        target=_target(admin, now),
        link=_link(admin, now),
        renewal=renewal,
        own=opened(*Contact.objects.filter(anonymised_on=None, holds=None).order_by("-pk")[:2]),
        campaign=_campaign(now),
        doubtful=campaigns.doubtful(now, admin),
        contact=hold.contact,
        hold=hold,
        note=Note.objects.latest("pk"),
        colleague=users[Role.SUPPORT].operator,
    )


def _campaign(now: datetime) -> Campaign:
    """A draft that lacks nothing but a server; another campaign was sent."""
    with campaigns.taking_mail():
        sent = campaigns.let_go(campaigns.draft("We miss you", type=CampaignType.RENEWAL), now=now)
        campaigns.sent(sent, now)
    return campaigns.draft("Spring at the opera, and what else is on from March to May")


def _link(by: Operator, now: datetime) -> TrackedLink:
    """A poster that people and programs opened for some weeks; another one that is over."""
    made = links.add(
        name="Poster in the foyer, spring season",
        destination="https://www.example.org/spring?utm_source=foyer&utm_medium=poster",
        by=by, now=now - timedelta(days=40),
    )  # fmt: skip
    over = links.add(
        name="Flyer of last year", destination="https://www.example.org/", by=by, now=now
    )
    links.retire(over, now=now)
    people = Asked("GET", FIREFOX)
    with psycopg.connect(database.conninfo(), autocommit=True) as line:
        for day in range(40):
            opened = [people] * (3 + day * 7 % 11) + [Asked("HEAD", FIREFOX)] * (day % 3)
            at = now - timedelta(days=day)
            clicks.write(line, [Opened(each, at, code=made.code) for each in opened], waits=True)
    links.fold()
    return made


def _target(by: Operator, now: datetime) -> Target:
    """Who falls due before the summer and may be written to; and a frozen one beside it."""
    asked = [
        {"on": "recency", "test": "due_within", "value": "6"},
        {"on": "authorisation", "test": "is", "purpose": "institution", "channel": "email", "value": "yes"},
        {"any": [
            {"on": "country", "test": "is", "value": "CH"}, {"on": "language", "test": "is", "value": "fr"},
        ]},
    ]  # fmt: skip
    target = targets.add(name="Due before the summer", conditions={"all": asked}, by=by, now=now)
    zone = queries.current().time_zone
    targets.freeze(target, name="Due, as of today", by=by, now=now, time_zone=zone)
    return target


def _simulated(now: datetime, months: int, users: dict[Role, User]) -> Plan:
    today = clock.local_day(now, queries.current().time_zone)
    return support.simulated(as_of=today, months=months, now=now, by=users[Role.MARKETER].operator)


def _approved(now: datetime, months: int, users: dict[Role, User]) -> Plan:
    plan = _simulated(now, months, users)
    plans.approve(
        plan=plan, by=users[Role.DPO].operator, typed=plan_queries.struck_by(plan),
        today=plan.as_of, now=now,
    )  # fmt: skip
    return plan


def _run(plan: Plan, users: dict[Role, User], now: datetime, control: Control | None = None) -> Run:
    lifting = Lifting("The first run: years at once.", users[Role.ADMINISTRATOR].operator)
    return runs.run_plan(
        plan=plan, house=queries.current(), by=users[Role.DPO].operator, tokens=support.tokens(),
        keyring=support.keyring(), now=now, lifting=lifting, control=control,
    )  # fmt: skip


def _by_hand(plan: Plan, by: Operator, now: datetime) -> Plan:
    """A plan to forget one contact that another plan would delete."""
    house = queries.current()
    row = PlanRow.objects.filter(plan=plan, outcome=Outcome.DELETE).earliest("pk")
    number = Contact.objects.get(pk=row.contact_id).contact_number
    return forgetting.plan_forgetting(
        [Named("argument 1", number)],
        house=house,
        policy=queries.policy_in_force(),
        by=by,
        today=clock.local_day(now, house.time_zone),
        now=now,
    )
