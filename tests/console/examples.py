"""An address for every page: what it asks for is taken from a house in which there is something of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from django.urls import reverse

from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.batches.models import Batch
from fadeout.campaigns.models import Campaign
from fadeout.contacts.models import Contact, Hold, Note
from fadeout.core import clock
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.links import operations as links
from fadeout.links.models import TrackedLink
from fadeout.plans.models import Plan
from fadeout.renewal import operations as renewals
from fadeout.renewal.models import Renewal
from fadeout.runs.control import Control
from fadeout.runs.models import Run
from fadeout.targets import operations as targets
from fadeout.targets.models import Target
from tests import support
from tests.campaigns import house as campaigns
from tests.console import house_of_plans
from tests.console.contacts import house as contacts
from tests.console.visitors import somebody
from tests.public.house import Own, opened

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, kw_only=True)
class Furnished:
    """What examples are taken from: one run is done, one is paused, one plan waits for a decision."""

    done: Run
    paused: Run
    approved: Plan
    waiting: Plan
    by_hand: Plan
    batch: Batch
    target: Target
    link: TrackedLink
    contact: Contact
    hold: Hold
    note: Note
    colleague: Operator
    campaign: Campaign
    renewal: Renewal
    own: Own
    doubtful: Campaign


#: A parameter of an address, by the pages under which it stands; the longest that fits counts.
EXAMPLES: dict[tuple[str, str], Callable[[Furnished], object]] = {
    ("plans/", "number"): lambda house: house.approved.pk,
    ("plans/<int:number>/approve/", "number"): lambda house: house.waiting.pk,
    ("runs/", "number"): lambda house: house.done.pk,
    ("runs/<int:number>/cancel/", "number"): lambda house: house.paused.pk,
    ("runs/<int:number>/resume/", "number"): lambda house: house.paused.pk,
    ("contacts/", "public_id"): lambda house: house.contact.public_id,
    ("contacts/", "hold"): lambda house: house.hold.pk,
    ("contacts/<uuid:public_id>/notes/", "public_id"): lambda house: house.note.contact.public_id,
    ("contacts/", "note"): lambda house: house.note.pk,
    ("contacts/forgetting/", "plan"): lambda house: house.by_hand.pk,
    ("audience/campaigns/", "public_id"): lambda house: house.campaign.public_id,
    ("audience/campaigns/<uuid:public_id>/doubt/", "public_id"): lambda house: (
        house.doubtful.public_id
    ),
    ("audience/campaigns/<uuid:public_id>/cancel/", "public_id"): lambda house: (
        house.doubtful.public_id
    ),
    ("audience/campaigns/", "language"): lambda _: "en",
    ("u/", "token"): lambda _: "test",
    ("p/", "token"): lambda house: house.own.mail,
    ("s/", "token"): lambda house: house.own.link,
    ("subscribe/", "token"): lambda house: house.own.subscription,
    ("contacts/requests/", "public_id"): lambda house: house.own.request,
    ("settings/public/", "place"): lambda _: 1,
    ("audience/renewal/", "public_id"): lambda house: house.renewal.public_id,
    ("batches/", "public_id"): lambda house: house.batch.public_id,
    ("audience/targets/", "public_id"): lambda house: house.target.public_id,
    ("audience/links/", "code"): lambda house: house.link.code,
    ("audience/links/", "form"): lambda _: "svg",
    ("r/", "text"): lambda _: "22222222",
    ("settings/operators/", "public_id"): lambda house: house.colleague.public_id,
}


def furnished(folder: Path) -> Furnished:
    """A small house in which every page has something to show."""
    house_of_plans.furnished(folder / "plans")
    done = house_of_plans.done()
    contacts.imported(folder / "contacts")
    eve = somebody(Role.SUPPORT, name="Eve").operator
    hold = Hold.objects.get()
    return Furnished(
        done=done,
        paused=support.run(
            house_of_plans.approved(house_of_plans.fresh()),
            now=clock.now(),
            control=Control(interrupted=True),
        ),
        approved=house_of_plans.approved(house_of_plans.fresh()),
        waiting=house_of_plans.fresh(),
        by_hand=support.forgotten("1002"),
        batch=batches.create(schedule="0 3 1 * *", told=[eve], by=eve, now=support.NOW),
        target=targets.add(
            name="Guests of last year",
            conditions={"all": [{"on": "email", "test": "set"}]},
            by=eve,
            now=support.NOW,
        ),
        link=links.add(
            name="Poster in the foyer",
            destination="https://www.example.org/season",
            by=eve,
            now=support.NOW,
        ),
        contact=hold.contact,
        hold=hold,
        note=Note.objects.get(),
        colleague=eve,
        campaign=campaigns.draft(),
        renewal=renewed(eve, support.NOW),
        own=opened(hold.contact, Contact.objects.get(contact_number="1001")),
        doubtful=campaigns.doubtful(support.NOW, eve),
    )


def renewed(by: Operator, now: datetime) -> Renewal:
    """A renewal that leads to a page of the house's own, all of it made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FADEOUT_MAIL_FROM", "theatre@example.org")
        begun = renewals.start(
            name="Renewal of spring", page_url="https://www.example.org/stay", months=24, within=12,
            by=by, now=now,
        )  # fmt: skip
        return renewals.go_on(begun, house=institution.current(), by=by, now=now)


def address(place: str, name: str, house: Furnished) -> str:
    """Where the page of a route is, in this house."""
    found = {parameter: _example(place, parameter)(house) for parameter in PARAMETER.findall(place)}
    return reverse(name, kwargs=found)


def _example(place: str, parameter: str) -> Callable[[Furnished], object]:
    fitting = [under for under, named in EXAMPLES if place.startswith(under) and named == parameter]
    assert fitting, f"{place}: say in tests/console/examples.py what {parameter} may be"
    return EXAMPLES[max(fitting, key=len), parameter]
