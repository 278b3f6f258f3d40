"""Whom a campaign reaches: every reason counted once; what is sent is what was told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fadeout.campaigns import audience, readiness, sending, steering
from fadeout.campaigns.models import CampaignType, Message
from fadeout.contacts.models import Authorisation, Contact, Hold
from fadeout.core import paths
from tests import support
from tests.campaigns import house
from tests.campaigns.house import NOW
from tests.mail_server import Box


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with house.reachable:
        yield


def told(kind: CampaignType = CampaignType.NEWSLETTER) -> audience.Audience:
    campaign = house.draft(f"{kind}", type=kind)
    return steering.reaches(campaign, now=NOW, time_zone=support.TIME_ZONE)


def test_each_reason_is_counted_and_the_sum_is_the_target(database: str, box: Box) -> None:
    support.founded()
    house.person("yes")
    house.person("no", answer="no")
    house.person("never", answer=None)
    house.person("unanswered", answer="unanswered")
    house.person("nothing", email=None)
    house.person("blank", email=" ")
    changed = house.person("withdrew")
    house.says(changed, "no", NOW - timedelta(days=1))
    back = house.person("came back", answer="no", email="back@example.org")
    house.says(back, "yes", NOW - timedelta(days=1))
    house.held(house.person("restricted"), "restriction")
    house.held(house.person("asks"), "request")
    house.held(house.person("court"), "court")
    house.person("family", email="YES@example.org ")
    over = house.person("over")
    Hold.objects.create(contact=over, reason="restriction", until=support.AS_OF - timedelta(days=1))
    last_day = house.person("last day")
    Hold.objects.create(contact=last_day, reason="restriction", until=support.AS_OF)
    partners = house.person("partners", answer=None)
    house.says(partners, "yes", NOW - timedelta(days=9), purpose="partners")
    newsletter = told()
    assert newsletter.left_out == {
        "no_email": 2, "restricted": 2, "request": 1, "said_no": 2, "unanswered": 3, "same_address": 1,
    }  # fmt: skip
    assert newsletter.reached == 4  # yes or family, came back, court, over
    assert newsletter.target == 15 == newsletter.reached + sum(newsletter.left_out.values())
    renewal = told(CampaignType.RENEWAL)
    assert (renewal.reached, "same_address" in renewal.left_out) == (5, False)
    assert told(CampaignType.PARTNERS).reached == 1
    purchase = told(CampaignType.PURCHASE)
    assert purchase.left_out == {"no_email": 2, "restricted": 2}


@st.composite
def towns(draw: st.DrawFn) -> list[tuple[str | None, list[str], list[str]]]:
    emails = st.sampled_from(
        [None, "a@example.org", "A@example.org", "b@example.org", "c@example.org"]
    )
    answers = st.lists(st.sampled_from(["yes", "no", "unanswered"]), max_size=2)
    holds = st.lists(st.sampled_from(["restriction", "request", "court"]), max_size=2, unique=True)
    return draw(st.lists(st.tuples(emails, answers, holds), min_size=1, max_size=6))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=towns(), kind=st.sampled_from(CampaignType))
def test_what_is_sent_is_what_was_told_and_what_the_rule_says(
    people: list[tuple[str | None, list[str], list[str]]],
    kind: CampaignType,
    database: str,
    box: Box,
) -> None:
    """Against the rule in plain Python; and asked of each contact alone it says the same."""
    if not Contact.objects.exists() and not Message.objects.exists():
        support.founded()
    _clear(box)
    fit, expected = [], 0
    for number, (email, answers, holds) in enumerate(people):
        contact = house.person(f"n{number}", email=email, answer=None)
        for n, answer in enumerate(answers):
            house.says(contact, answer, NOW - timedelta(days=9 - n))
        for hold in holds:
            house.held(contact, hold)
        if kind == CampaignType.PARTNERS and answers[-1:] == ["yes"]:
            house.says(contact, "yes", NOW - timedelta(days=9), purpose="partners")
        gets = bool(email) and "restriction" not in holds
        if kind != CampaignType.PURCHASE:
            gets = gets and answers[-1:] == ["yes"] and "request" not in holds
        if gets:
            fit.append(str(email))
    expected = (
        len(fit) if kind in (CampaignType.RENEWAL, CampaignType.PURCHASE)
        else len({email.lower() for email in fit})
    )  # fmt: skip
    campaign = house.draft(f"of {Message.objects.count()}", type=kind)
    reach = steering.reaches(campaign, now=NOW, time_zone=support.TIME_ZONE)
    assert reach.reached == expected
    assert reach.target == len(people) == expected + sum(reach.left_out.values())
    turn = audience.AtTheirTurn(campaign, today=support.AS_OF)
    alone = [turn.ask(contact.pk) for contact in Contact.objects.all()]
    assert sum(one is not None and not one["left_out"] for one in alone) == len(fit)
    if expected:
        house.let_go(campaign)
        house.sent(campaign)
    assert len(box.mails) == expected
    _clear(box)


def _clear(box: Box) -> None:
    from fadeout.campaigns.models import Campaign, CampaignTotal  # noqa: PLC0415
    from fadeout.links.models import Issued  # noqa: PLC0415

    box.mails.clear()
    for rows in (Message, Issued, CampaignTotal, Campaign, Authorisation, Hold, Contact):
        rows.objects.all().delete()


def test_what_is_missing_is_told_before_anything_is_sent(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.founded()
    house.person("1")
    campaign = house.draft()
    text = campaign.texts.get()
    text.plain, text.mjml = " ", text.mjml.replace("{{ link }}", "https://www.example.org")
    text.save()
    lacks = {missing.lack for missing in readiness.missing(campaign)}
    assert lacks == {
        readiness.Lack.NO_PLAIN, readiness.Lack.UNUSED_LINK, readiness.Lack.NO_UNSUBSCRIBE,
        readiness.Lack.NO_SERVER,
    }  # fmt: skip
    with pytest.raises(steering.Refused, match="not ready"):
        house.let_go(campaign)
    assert not Message.objects.exists()
    assert sending.under_way() == []
    assert not (paths.keys() / "mails-1.key").exists()
