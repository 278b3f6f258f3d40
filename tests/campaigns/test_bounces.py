"""Mails that come back: told by an id of ours alone, and only what failed for good counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fadeout.campaigns import bounces, steering, totals
from fadeout.campaigns.bounces import Taken
from fadeout.campaigns.models import CampaignType
from tests import support
from tests.campaigns import house
from tests.campaigns.house import NOW
from tests.mail_server import Box

REPORT = """From MAILER-DAEMON Mon Jun  1 10:00:00 2026
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; 1@example.org
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: For First 1

--b--

"""


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with house.reachable:
        yield


def report(
    message_id: str = "<x@y>", to: str = "news@theatre.example", action: str = "failed", status: str = "5.1.1"
) -> bytes:  # fmt: skip
    return REPORT.format(message_id=message_id, to=to, action=action, status=status).encode()


def test_a_mailbox_of_reports_is_taken_in_once(
    database: str, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FADEOUT_BOUNCE_ADDRESS", "bounces@theatre.example")
    support.founded()
    for number in ("1", "2", "3"):
        house.person(number)
    campaign = house.let_go(house.draft())
    house.sent(campaign)
    ids = {mail["To"]: mail["Message-ID"].strip() for mail in box.mails}
    assert len(set(ids.values())) == 3
    second = house.message(campaign, "2").public_id.hex
    mailbox = b"".join((
        report(ids["1@example.org"]),
        report(to=f"bounces+{second}@theatre.example"),
        report(ids["3@example.org"], action="delayed", status="4.4.1"),
        report(f"<fadeout.{'0' * 32}@theatre.example>"),
        report("<of somebody else@example.org>"),
        b"From x Mon Jun  1 10:00:00 2026\nSubject: I am on holiday\n\nBack on Monday.\n",
    ))  # fmt: skip
    assert bounces.take_in(mailbox) == Taken(bounced=2, passing=1, unknown=2, no_report=1)
    assert house.states(campaign) == {
        "1": "bounced: bounce_5.1.1", "2": "bounced: bounce_5.1.1", "3": "sent",
    }  # fmt: skip
    assert totals.standing(campaign).bounced == 2
    again = bounces.take_in(mailbox)
    assert (again.bounced, again.known_already) == (0, 2)
    assert totals.standing(campaign).bounced == 2
    assert bounces.take_in(b"") == Taken(no_report=1)


def test_a_report_that_quotes_a_paragraph_beginning_with_from_is_one_mail(
    database: str, box: Box
) -> None:
    support.founded()
    house.person("1")
    campaign = house.let_go(house.draft())
    house.sent(campaign)
    [mail] = box.mails
    told = report(mail["Message-ID"].strip()) + b"From Monday on we are open again.\n"
    assert told.startswith(b"From ")
    alone = told.partition(b"\n")[2]
    assert bounces.take_in(alone).bounced == 1
    assert bounces.take_in(told).known_already == 1


def test_an_address_that_does_not_exist_is_left_out_until_it_changes_or_a_person_says_so(
    database: str, box: Box
) -> None:
    support.founded()
    gone, full, other = (house.person(number) for number in ("1", "2", "3"))
    first = house.let_go(house.draft())
    house.sent(first)
    ids = {mail["To"]: mail["Message-ID"].strip() for mail in box.mails}
    bounces.take_in(report(ids["1@example.org"]) + report(ids["2@example.org"], status="5.2.2"))
    assert totals.standing(first).bounced == 2
    other.email = "1@EXAMPLE.org"  # has the same one
    other.save()
    for kind, answer in (("newsletter", "yes"), ("purchase", None)):
        found = steering.reaches(
            house.draft(kind, type=CampaignType(kind)), now=NOW, time_zone=support.TIME_ZONE
        )
        assert (found.reached, found.left_out) == (1, {"returned": 2}), answer
    other.email = "3@example.org"
    other.save()
    second = house.let_go(house.draft("Second"))
    house.sent(second)
    assert sorted(mail["To"] for mail in box.mails[3:]) == ["2@example.org", "3@example.org"]
    assert bounces.write_again(gone)
    assert not bounces.write_again(full)
    house.sent(house.let_go(house.draft("Third")))
    assert sorted(mail["To"] for mail in box.mails[5:]) == [
        "1@example.org", "2@example.org", "3@example.org",
    ]  # fmt: skip
