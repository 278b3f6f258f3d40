"""A renewal that was sent, clicked and bought upon, and pages that contacts reach from it."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest
from django.test import override_settings

from fadeout.campaigns import sending, steering
from fadeout.core import database, paths
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.links import clicks
from fadeout.links import operations as links
from fadeout.links.clicks import Opened
from fadeout.links.human import Asked
from fadeout.links.models import Issued
from fadeout.recency import operations as recency
from fadeout.renewal import operations as renewals
from fadeout.renewal.models import Renewal
from tests.contacts.offered import offered
from tests.links.house import FIREFOX
from tests.mail_server import mailbox

SITE = "https://fadeout.example.org"
PEOPLE, PROGRAM = Asked("GET", FIREFOX), Asked("HEAD", FIREFOX)


def renewal(by: Operator, now: datetime) -> Renewal:
    """Made twenty days ago, and let go at once; every fifth clicked."""
    then = now - timedelta(days=20)
    offered()
    with pytest.MonkeyPatch.context() as patch, override_settings(PUBLIC_URL=SITE), mailbox(patch):
        begun = renewals.start(
            name="Renewal of this spring", page_url=None, months=24, within=12, by=by, now=then
        )
        house = institution.current()
        made = renewals.go_on(begun, house=house, by=by, now=then)
        assert made.campaign is not None
        reached = steering.reaches(made.campaign, now=then, time_zone=house.time_zone).reached
        steering.let_go(made.campaign, typed=reached, by=by, now=then, time_zone=house.time_zone)
        sending.go_on(made.campaign.pk, sending.Means(house, paths.keys(), clock=lambda: then))
        _click(made, then)
        recency.refresh_all(now=now, time_zone=house.time_zone)
        renewals.start(name="Renewal of autumn", page_url=None, months=24, within=3, by=by, now=now)
    return made


def _click(made: Renewal, then: datetime) -> None:
    assert made.campaign is not None
    handles = Issued.objects.filter(issued_for=made.campaign.public_id).order_by("pk")
    with psycopg.connect(database.conninfo(), autocommit=True) as line:
        for place, handle in enumerate(handles.values_list("handle", flat=True)):
            if place % 5 == 0:
                at = then + timedelta(days=1 + place % 15)
                clicks.write(line, [Opened(PEOPLE, at, handle=handle)], waits=True)
            elif place % 7 == 0:
                clicks.write(line, [Opened(PROGRAM, then, handle=handle)], waits=True)
    links.fold()
