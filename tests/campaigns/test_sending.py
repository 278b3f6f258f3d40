"""Each contact gets a campaign once, if they said yes; what became of it is recorded, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from fadeout.campaigns import leaving, operations, sending, steering, steps, totals
from fadeout.campaigns.models import Campaign, CampaignType, Message, MessageState, State
from fadeout.contacts.models import Authorisation, Contact
from fadeout.links import operations as links
from fadeout.links.models import Issued
from tests import support
from tests.campaigns import house
from tests.campaigns.house import NOW
from tests.mail_server import Box


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with house.reachable:
        yield


@pytest.fixture
def theatre(database: str) -> None:
    support.founded()


def figures(campaign: Campaign) -> totals.Standing:
    return totals.standing(campaign)


def test_everybody_who_said_yes_gets_it_once_with_links_of_their_own(
    theatre: None, box: Box
) -> None:
    for number in ("1", "2", "3"):
        house.person(number)
    house.person("4", answer=None)
    campaign = house.let_go(house.draft())
    assert house.sent(campaign) is None
    assert house.sent(campaign) is None  # again changes nothing
    campaign.refresh_from_db()
    assert campaign.state == State.SENT
    assert sorted(mail["To"] for mail in box.mails) == [f"{n}@example.org" for n in (1, 2, 3)]
    first = next(mail for mail in box.mails if mail["To"] == "1@example.org")
    assert (first["Subject"], first["From"]) == ("For First 1", "Theatre <news@theatre.example>")
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    ways = [mail["List-Unsubscribe"].strip() for mail in box.mails]
    assert len(set(ways)) == 3
    assert all(way.startswith(f"<{house.URL}/u/") for way in ways)
    plain = first.get_body(("plain",)).get_content()
    shown = first.get_body(("html",)).get_content()
    assert "Hello First 1," in plain
    assert ways[0].strip("<>") in box.mails[0].get_body(("html",)).get_content()
    links = {line for line in plain.splitlines() if line.startswith(f"{house.URL}/r/")}
    assert len(links) == 1
    assert links.pop() in shown
    assert Issued.objects.filter(issued_for=campaign.public_id).count() == 3
    assert Issued.objects.exclude(delivered_at=None).count() == 3
    found = figures(campaign)
    assert (found.target, found.audience, found.sent, found.waiting) == (4, 3, 3, 0)
    assert found.left_out == {"unanswered": 1}


def test_whoever_withdrew_was_erased_or_restricted_meanwhile_gets_nothing(
    theatre: None, box: Box
) -> None:
    for number in ("kept", "withdrew", "restricted", "anonymised", "gone", "no address"):
        house.person(number, email=f"{number.replace(' ', '-')}@example.org")
    campaign = house.let_go(house.draft())
    with transaction.atomic():
        sending.beginning.begin(campaign, house=house.means().house, now=NOW)
    assert Message.objects.count() == 6
    house.says(Contact.objects.get(contact_number="withdrew"), "no", NOW)
    house.held(Contact.objects.get(contact_number="restricted"), "restriction")
    Contact.objects.filter(contact_number="no address").update(email=None)
    support.run(support.approved(support.forgotten("gone", "anonymised")))
    assert Message.objects.count() == 4
    house.sent(campaign)
    assert house.states(campaign) == {
        "kept": "sent", "withdrew": "left_out: said_no", "restricted": "left_out: restricted",
        "no address": "left_out: no_email",
    }  # fmt: skip
    assert [mail["To"] for mail in box.mails] == ["kept@example.org"]
    found = figures(campaign)
    assert found.left_out == {"said_no": 1, "restricted": 1, "no_email": 1, "erased": 2}
    assert (found.target, found.sent, found.waiting) == (6, 1, 0)


def test_totals_stay_when_contacts_are_erased(theatre: None, box: Box) -> None:
    for number in ("1", "2"):
        house.person(number)
    campaign = house.let_go(house.draft())
    house.sent(campaign)
    before = figures(campaign)
    assert before.sent == 2
    support.run(support.approved(support.forgotten("1", "2")))
    assert not Message.objects.exists()
    assert figures(campaign) == before


def test_what_the_server_refuses_for_good_fails_and_what_it_delays_is_tried_again_later(
    theatre: None, box: Box
) -> None:
    house.person("1")
    campaign = house.let_go(house.draft())
    box.answer = "451 later"
    again = house.sent(campaign)
    assert again == NOW + steps.WAITS[0]
    assert house.states(campaign) == {"1": "retrying: smtp_451"}
    later = NOW
    for wait in steps.WAITS[:-1]:
        later += wait
        assert house.sent(campaign, later - timedelta(seconds=1)) is not None  # not before
        house.sent(campaign, later)
    assert house.message(campaign, "1").attempts == len(steps.WAITS)
    box.answer = None
    later += steps.WAITS[-1]
    assert house.sent(campaign, later) is None
    assert (house.states(campaign), len(box.mails)) == ({"1": "sent"}, 1)
    second = house.let_go(house.draft("Second"))
    box.answer = "550 no such user"
    house.sent(second)
    assert house.states(second) == {"1": "failed: smtp_550"}
    assert figures(second).failed == 1
    third = house.let_go(house.draft("Third"))
    box.answer = "451 later"
    later = NOW
    for wait in (*steps.WAITS, timedelta()):
        house.sent(third, later)
        later += wait
    assert house.states(third) == {"1": "failed: gave_up: smtp_451"}
    third.refresh_from_db()
    assert third.state == State.SENT


def test_a_server_that_is_down_costs_nobody_a_try(
    theatre: None, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.person("1")
    campaign = house.let_go(house.draft())
    with monkeypatch.context() as down:
        down.setenv("FADEOUT_SMTP_URL", "smtp://127.0.0.1:9")
        assert house.sent(campaign) == NOW + steps.TROUBLE
    campaign.refresh_from_db()
    assert (campaign.state, campaign.trouble, campaign.trouble_since) == (
        "sending",
        "no_answer",
        NOW,
    )
    assert house.message(campaign, "1").attempts == 0
    assert house.sent(campaign, NOW + steps.TROUBLE) is None
    campaign.refresh_from_db()
    assert (campaign.state, campaign.trouble) == ("sent", None)
    assert len(box.mails) == 1


def test_an_address_that_is_none_and_a_name_with_line_breaks_do_no_harm(
    theatre: None, box: Box
) -> None:
    house.person("1", email="a@example.org\r\nBcc: b@example.org")
    house.person("2", first_name="Eve\r\nBcc: x@example.org <b>")
    campaign = house.let_go(house.draft())
    house.sent(campaign)
    assert house.states(campaign) == {"1": "failed: not_an_address", "2": "sent"}
    [mail] = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "For Eve Bcc: x@example.org <b>"
    assert "Eve Bcc: x@example.org &lt;b&gt;" in mail.get_body(("html",)).get_content()


def test_the_throttle_holds_whoever_sends(theatre: None, box: Box) -> None:
    for number in range(70):
        house.person(str(number))
    campaign = house.let_go(house.draft(per_minute=40))
    now, sent_at = NOW, []
    for _ in range(60):
        before = len(box.mails)
        again = house.sent(campaign, now)
        sent_at += [now] * (len(box.mails) - before)
        if again is None:
            break
        assert again > now
        now = again
    assert len(sent_at) == 70
    for start in sent_at:
        assert sum(start <= at < start + timedelta(minutes=1) for at in sent_at) <= 40
    assert sent_at[-1] - sent_at[0] >= timedelta(seconds=100)


def test_a_campaign_begins_at_its_time_and_not_before(theatre: None, box: Box) -> None:
    house.person("1")
    at = NOW + timedelta(hours=2)
    campaign = house.let_go(house.draft(), at=at)
    assert house.sent(campaign) == at
    assert (box.mails, Message.objects.count()) == ([], 0)
    assert sending.beginning.due(now=NOW) == []
    assert sending.beginning.due(now=at) == [campaign]
    house.person("2")  # asked when it begins
    assert house.sent(campaign, at) is None
    assert len(box.mails) == 2


def test_pausing_and_cancelling_hold_from_the_next_mail_on(theatre: None, box: Box) -> None:
    for number in ("1", "2", "3"):
        house.person(number)
    campaign = house.let_go(house.draft())
    ada = support.operator()

    def stop_after_one() -> bool:
        if len(box.mails) == 1 and Campaign.objects.get().state == State.SENDING:
            steering.pause(campaign, by=ada, now=NOW)
        return False

    sending.go_on(campaign.pk, house.means(is_stopping=stop_after_one))
    assert len(box.mails) == 1
    assert figures(campaign).waiting == 2
    steering.resume(campaign, by=ada, now=NOW)
    steering.cancel(campaign, by=ada, now=NOW)
    assert house.sent(campaign) is None
    assert len(box.mails) == 1
    campaign.refresh_from_db()
    assert campaign.state == State.CANCELLED


def test_information_about_a_purchase_alone_asks_for_no_yes(theatre: None, box: Box) -> None:
    house.person("no", answer="no")
    house.person("restricted")
    house.held(Contact.objects.get(contact_number="restricted"), "restriction")
    with pytest.raises(operations.Refused, match="directly about"):
        house.draft(type=CampaignType.PURCHASE, about_a_purchase=False)
    campaign = house.let_go(house.draft(type=CampaignType.PURCHASE))
    assert campaign.exempted_by == support.operator()
    house.sent(campaign)
    [mail] = box.mails
    assert (mail["To"], mail["List-Unsubscribe"]) == ("no@example.org", None)
    assert figures(campaign).left_out == {"restricted": 1}


def test_leaving_is_a_no_of_the_contact_and_the_next_campaign_leaves_them_out(
    theatre: None, box: Box
) -> None:
    house.person("1")
    campaign = house.let_go(house.draft())
    house.sent(campaign)
    message = house.message(campaign, "1")
    later = NOW + timedelta(days=1)
    assert leaving.unsubscribe(message.public_id, now=later)
    assert not leaving.unsubscribe(message.public_id, now=later + timedelta(days=1))
    latest = Authorisation.objects.latest("changed_at")
    assert (latest.value, latest.origin, latest.changed_at) == ("no", "contact", later)
    assert latest.evidence
    assert figures(campaign).unsubscribed == 1
    reach = steering.reaches(house.draft("Second"), now=later, time_zone=support.TIME_ZONE)
    assert (reach.reached, reach.left_out) == (0, {"said_no": 1})


def test_two_senders_never_send_the_same(theatre: None, box: Box) -> None:
    """While somebody else has the campaign, whoever comes second leaves it alone."""
    house.person("1")
    campaign = house.let_go(house.draft())
    seen = []

    def second() -> bool:
        import threading  # noqa: PLC0415

        from django.db import connections  # noqa: PLC0415

        def look() -> None:
            seen.append(sending.go_on(campaign.pk, house.means()))
            connections.close_all()

        if not seen:
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
        return False

    sending.go_on(campaign.pk, house.means(is_stopping=second))
    assert seen == [NOW + sending.TAKEN]
    assert len(box.mails) == 1


def test_the_one_mail_in_doubt_is_shown_and_never_sent_again_by_itself(
    theatre: None, box: Box
) -> None:
    for number in ("1", "2"):
        house.person(number)
    campaign = house.let_go(house.draft())
    sending.beginning.begin(campaign, house=house.means().house, now=NOW)
    first = house.message(campaign, "1")
    Message.objects.filter(pk=first.pk).update(state=MessageState.CLAIMED, attempts=1)
    house.sent(campaign)
    assert house.states(campaign) == {"1": "in_doubt: sender_died", "2": "sent"}
    found = figures(campaign)
    assert (found.in_doubt, found.sent, found.waiting) == (1, 1, 0)
    assert steering.decide_doubt(campaign, send_again=True, by=support.operator(), now=NOW) == 1
    house.sent(campaign)
    assert sorted(mail["To"] for mail in box.mails) == ["1@example.org", "2@example.org"]
    assert (figures(campaign).in_doubt, figures(campaign).sent) == (0, 2)


def test_a_campaign_that_was_held_before_it_began_begins_once_it_goes_on(
    theatre: None, box: Box
) -> None:
    house.person("1")
    ada = support.operator()

    def held(campaign: Campaign) -> Campaign:
        links.retire(house.link(), now=NOW)
        assert house.sent(campaign) is None
        campaign.refresh_from_db()
        assert (campaign.state, campaign.trouble) == (State.PAUSED, sending.beginning.NOT_READY)
        links.restore(house.link())
        return campaign

    campaign = held(house.let_go(house.draft()))
    back = steering.back_to_draft(campaign, by=ada, now=NOW)
    assert (back.state, back.trouble) == (State.DRAFT, None)
    campaign = held(house.let_go(back))
    resumed = steering.resume(campaign, by=ada, now=NOW)
    assert (resumed.state, resumed.trouble) == (State.SCHEDULED, None)
    assert sending.beginning.due(now=NOW) == [campaign]
    house.sent(campaign)
    assert [mail["To"] for mail in box.mails] == ["1@example.org"]
    assert (figures(campaign).target, figures(campaign).sent) == (1, 1)


def test_what_a_killed_sender_left_is_in_doubt_though_the_campaign_was_cancelled(
    theatre: None, box: Box
) -> None:
    for number in ("1", "2"):
        house.person(number)
    campaign = house.let_go(house.draft())
    sending.beginning.begin(campaign, house=house.means().house, now=NOW)
    claimed = house.message(campaign, "1")
    Message.objects.filter(pk=claimed.pk).update(state=MessageState.CLAIMED, attempts=1)
    steering.cancel(campaign, by=support.operator(), now=NOW)
    assert sending.under_way() == [campaign.pk]
    assert house.sent(campaign) is None
    assert house.states(campaign) == {"1": "in_doubt: sender_died", "2": "waiting"}
    assert (figures(campaign).in_doubt, box.mails) == (1, [])
    assert sending.under_way() == []
