"""A house whose contacts fall silent: two are due within a year, one bought lately, one is long gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fadeout.campaigns import steering
from fadeout.contacts.models import Contact
from fadeout.institution import queries as institution
from fadeout.recency import operations as recency
from fadeout.renewal import operations
from fadeout.renewal.models import Renewal
from tests import support
from tests.campaigns.house import person
from tests.contacts.offered import offered
from tests.model.house import at

NOW = support.NOW
#: The policy strikes after 36 months: these are due on 2 September 2026, and within a year.
SILENT = at("2023-09-01T12:00:00Z")
SITE = "https://fadeout.example.org"


def silent(number: str, **given: Any) -> Contact:
    """Somebody who said yes in 2023, and nothing since."""
    made = person(number, answer=None, created_at=SILENT, **given)
    made.authorisations.create(
        purpose="institution", channel="email", changed_at=SILENT, value="yes", origin="contact"
    )
    return made


def furnished() -> None:
    """Ann and Bob are due, Cleo said no, Dora is lately active."""
    support.founded()
    offered()
    silent("ann", language="fr", first_name="Ann")
    silent("bob", language="de")
    person("cleo", answer="no", created_at=SILENT)
    person("dora", answer=None, created_at=at("2026-05-01T12:00:00Z"))
    recency.refresh_all(now=NOW, time_zone=support.TIME_ZONE)


def begun(name: str = "Spring", **given: Any) -> Renewal:
    known = {"page_url": None, "months": 24, "within": 12, "by": support.operator(), "now": NOW}
    return operations.start(name=name, **(known | given))


def made(renewal: Renewal | None = None, **given: Any) -> Renewal:
    """All steps of a renewal."""
    known = {"house": institution.current(), "by": support.operator(), "now": NOW}
    return operations.go_on(renewal or begun(), **(known | given))


def let_go(renewal: Renewal, *, now: datetime = NOW) -> None:
    """Let its campaign go, with the number that it reaches."""
    assert renewal.campaign is not None
    reached = steering.reaches(renewal.campaign, now=now, time_zone=support.TIME_ZONE).reached
    steering.let_go(
        renewal.campaign, typed=reached, by=support.operator(), now=now,
        time_zone=support.TIME_ZONE,
    )  # fmt: skip
