"""A small house with a campaign, told row by row; contacts are made in the database at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.test import override_settings

from fadeout.campaigns import operations, sending, steering
from fadeout.campaigns.models import Campaign, CampaignType, Message, MessageState
from fadeout.campaigns.sending import Means
from fadeout.contacts.models import Authorisation, Contact, Hold
from fadeout.core import paths
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.links import operations as links
from fadeout.links.models import TrackedLink
from fadeout.targets import operations as targets
from fadeout.targets.models import Target
from tests import support
from tests.mail_server import AtAnyPort, Box
from tests.model.house import at

NOW = support.NOW
LONG_AGO = at("2020-01-02T03:04:05Z")
URL = "https://tickets.example.org"
#: Whoever tests a campaign is reached at an address.
reachable = override_settings(PUBLIC_URL=URL)
MJML = """<mjml>
<mj-body><mj-section><mj-column>
<mj-text>Hello {{ first_name|friend }}, <a href="{{ link }}">come back</a></mj-text>
<mj-text><a href="{{ unsubscribe }}">Enough</a></mj-text>
</mj-column></mj-section></mj-body>
</mjml>
"""
PLAIN = "Hello {{ first_name|friend }},\n{{ link }}\n\nEnough: {{ unsubscribe }}\n"
ABOUT_A_TICKET = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Tosca is put off.</mj-text></mj-column></mj-section></mj-body></mjml>"""


def person(
    number: str, *, answer: str | None = "yes", purpose: str = "institution", **columns: Any
) -> Contact:
    """Somebody on file who said yes, unless something else is said of them."""
    given: dict[str, Any] = {
        "kind": "individual", "created_at": LONG_AGO, "first_name": f"First {number}",
        "last_name": f"Last {number}", "email": f"{number}@example.org", "language": "en",
    } | columns  # fmt: skip
    made = Contact.objects.create(contact_number=number, **given)
    if answer:
        says(made, answer, LONG_AGO, purpose=purpose)
    return made


def says(contact: Contact, answer: str, when: datetime, *, purpose: str = "institution") -> None:
    Authorisation.objects.create(
        contact=contact, purpose=purpose, channel="email", changed_at=when, value=answer,
        origin="operator",
    )  # fmt: skip


def held(contact: Contact, reason: str) -> None:
    Hold.objects.create(contact=contact, reason=reason)


def everybody() -> Target:
    """The target of all contacts on file."""
    found = Target.objects.filter(name="everybody").first()
    conditions = {"all": [{"on": "created", "test": "from", "value": "1990-01-01"}]}
    return found or targets.add(
        name="everybody", conditions=conditions, by=support.operator(), now=NOW
    )


def link() -> TrackedLink:
    found = TrackedLink.objects.filter(name="season").first()
    return found or links.add(
        name="season", destination="https://www.example.org/season", by=support.operator(), now=NOW
    )


def draft(name: str = "Spring", **given: Any) -> Campaign:
    """A campaign that lacks nothing but somebody who lets it go."""
    kind = given.pop("type", CampaignType.NEWSLETTER)
    is_purchase = kind == CampaignType.PURCHASE
    known: dict[str, Any] = {
        "name": name, "type": kind, "target": everybody(), "sender_name": "Theatre",
        "sender_address": "news@theatre.example", "language": "en", "per_minute": None,
        "reply_to": "", "about_a_purchase": is_purchase, "links": [] if is_purchase else [link()],
    } | given  # fmt: skip
    made = operations.create(**known, by=support.operator(), now=NOW)
    operations.save_text(
        made, language="en", subject="For {{ first_name|you }}", now=NOW,
        mjml=ABOUT_A_TICKET if is_purchase else MJML,
        plain="Tosca is put off." if is_purchase else PLAIN,
    )  # fmt: skip
    made.refresh_from_db()
    return made


def let_go(campaign: Campaign, *, now: datetime = NOW, **given: Any) -> Campaign:
    """Let it go with the number that it reaches."""
    reached = steering.reaches(campaign, now=now, time_zone=support.TIME_ZONE).reached
    return steering.let_go(
        campaign,
        typed=reached,
        by=support.operator(),
        now=now,
        time_zone=support.TIME_ZONE,
        **given,
    )


def means(now: datetime = NOW, **given: Any) -> Means:
    known: dict[str, Any] = {
        "house": institution.current(),
        "keys": paths.keys(),
        "clock": lambda: now,
    } | given
    return Means(**known)


def sent(campaign: Campaign, now: datetime = NOW) -> datetime | None:
    """Send what may be sent now."""
    return sending.go_on(campaign.pk, means(now))


def states(campaign: Campaign) -> dict[str, str]:
    """Contact number -> state of its message, with the code where there is one."""
    rows = Message.objects.filter(campaign=campaign).select_related("contact")
    return {
        row.contact.contact_number: f"{row.state}: {row.code}" if row.code else str(row.state)
        for row in rows
    }


def message(campaign: Campaign, number: str) -> Message:
    return Message.objects.get(campaign=campaign, contact__contact_number=number)


WAITING, SENT, FAILED = MessageState.WAITING, MessageState.SENT, MessageState.FAILED


@contextmanager
def taking_mail() -> Iterator[Box]:
    """A mail server, and an address at which people reach the house, for as long as the block."""
    box = Box()
    controller = AtAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    with pytest.MonkeyPatch.context() as patch, reachable:
        patch.setenv("FADEOUT_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
        patch.setenv("FADEOUT_MAIL_FROM", "news@theatre.example")
        yield box
    controller.stop()


def doubtful(now: datetime, by: Operator) -> Campaign:
    """A campaign that was paused, with a mail in doubt."""
    with taking_mail():
        made = draft("Autumn", per_minute=20)
        if steering.reaches(made, now=now, time_zone=support.TIME_ZONE).reached < 3:
            for number in ("9001", "9002", "9003"):
                person(number)
        let_go(made, now=now)
        sent(made, now)
        Message.objects.filter(
            pk__in=Message.objects.filter(campaign=made, state=WAITING)[:1]
        ).update(state=MessageState.CLAIMED)
        sent(made, now)
    return steering.pause(made, by=by, now=now)
