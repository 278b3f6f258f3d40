"""The pages of campaigns: written, looked at, let go with a typed number, halted, decided about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from fadeout.accounts.permissions import Role
from fadeout.campaigns import sending, totals
from fadeout.campaigns.models import Campaign, CampaignText, Message, MessageState, State
from fadeout.contacts.models import Contact
from fadeout.links import operations as links
from fadeout.worker import jobs
from tests import support
from tests.campaigns import house
from tests.campaigns.house import NOW
from tests.console.visitors import proven, signed_in, somebody
from tests.mail_server import Box


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with house.reachable:
        yield


@pytest.fixture
def theatre(database: str) -> None:
    support.founded()
    for number in ("1", "2", "3"):
        house.person(number)
    house.person("4", answer="no")


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def typed(**more: Any) -> dict[str, Any]:
    return {
        "name": "Spring", "type": "newsletter", "target": str(house.everybody().public_id),
        "links": [house.link().code], "sender_name": "Theatre",
        "sender_address": "news@theatre.example", "reply_to": "", "language": "en",
        "per_minute": "60", "key": "6a0c1a52-9b3e-4f5c-8f70-0d5f6f0f1a11", "seen": "",
    } | more  # fmt: skip


def test_a_campaign_is_set_up_written_and_let_go(theatre: None, box: Box) -> None:
    client = proven(signed_in(somebody(Role.MARKETER)))
    at = "/audience/campaigns/"
    assert "has not written to anybody yet" in page(client.get(at))
    assert "Fill this in" not in page(client.get(f"{at}new/"))
    wrong = page(client.post(f"{at}new/", typed(type="purchase")), 422)
    assert "Confirm that, or choose another type" in wrong
    made = client.post(f"{at}new/", typed())
    assert made.status_code == 302
    assert client.post(f"{at}new/", typed())["Location"] == made["Location"]  # sent twice
    campaign = Campaign.objects.get()
    one = made["Location"]
    assert "There is no text in the language of the campaign yet" in page(client.get(one))
    text = f"{one}texts/en/"
    first = page(client.get(text))
    assert "{{ first_name|friend }}" in first
    written = {"subject": "For {{ first_name|you }}", "mjml": house.MJML, "plain": house.PLAIN}
    seen = {"seen": campaign.stamp}
    bad = page(
        client.post(text, written | seen | {"mjml": house.MJML.replace("first_name", "name")}), 422
    )
    assert "Line 3: there is no such tag: {{ name|friend }}" in bad
    assert "Line 1: there is no such tag" in page(
        client.post(text, written | seen | {"subject": "{{ x }}"}), 422
    )
    assert not CampaignText.objects.exists()
    assert client.post(text, written | seen)["Location"] == text
    assert "Somebody changed this campaign meanwhile" in page(
        client.post(text, written | seen), 409
    )
    assert "It is ready to be sent" in page(client.get(one))
    reach = page(client.get(f"{one}audience/"))
    assert "3 of 4 contacts of the target get it" in reach
    assert "said no" in reach
    final = page(client.get(f"{one}send/"))
    assert "3 contacts get it, of 4 in the target" in final
    campaign.refresh_from_db()
    sure = {"seen": campaign.stamp, "typed": "4"}
    assert "This is not the number of contacts" in page(client.post(f"{one}send/", sure), 422)
    assert client.post(f"{one}send/", sure | {"typed": "3"})["Location"] == one
    [job] = ProcrastinateJob.objects.filter(task_name=jobs.SEND_CAMPAIGN)
    assert job.args == {"campaign": campaign.pk}
    campaign.refresh_from_db()
    assert campaign.state == State.SCHEDULED
    assert campaign.scheduled_at is not None
    house.sent(campaign, campaign.scheduled_at)
    assert len(box.mails) == 3
    sheet = page(client.get(one))
    assert "Sent to 3 of 3 contacts" in sheet or "Sent: 3 contacts have it" in sheet
    assert client.get(f"{one}change/").status_code == 200
    assert page(client.post(text, written | seen), 409)


def test_a_preview_has_a_policy_of_its_own_and_runs_nothing(theatre: None) -> None:
    campaign = house.draft()
    client = signed_in(somebody(Role.DPO))
    at = f"/audience/campaigns/{campaign.public_id}/texts/en/preview/"
    answer = client.get(at)
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "Hello friend," in page(answer)
    number = Contact.objects.get(contact_number="1").contact_number
    client.post(f"/audience/campaigns/{campaign.public_id}/as/", {"contact_number": number})
    assert "Hello First 1," in page(client.get(at))
    writing = {"subject": "x", "mjml": house.MJML.replace("Hello", "Good evening"), "plain": "x"}
    assert "Good evening First 1," in page(client.post(at, writing))
    assert CampaignText.objects.get().mjml == house.MJML
    broken = page(client.post(at, writing | {"mjml": "<mjml><mj-body><script>"}))
    assert "no mail has such an element: &lt;script&gt;" in broken
    marketer = signed_in(somebody(Role.MARKETER, name="Mia"))
    assert "Hello friend," in page(marketer.get(at))
    assert marketer.post(
        f"/audience/campaigns/{campaign.public_id}/as/", {"contact_number": number}
    ).status_code == 403  # fmt: skip


def test_a_test_is_marked_and_its_links_are_nobodys(theatre: None, box: Box) -> None:
    campaign = house.draft()
    client = signed_in(somebody(Role.MARKETER))
    one = f"/audience/campaigns/{campaign.public_id}/"
    assert page(client.post(f"{one}test/", {"to": "nobody", "language": "en"}), 422)
    assert client.post(f"{one}test/", {"to": "me@example.org", "language": "en"}).status_code == 302
    [mail] = box.mails
    assert mail["Subject"] == "[Test] For you"
    plain = mail.get_body(("plain",)).get_content()
    assert f"{house.URL}/u/test" in plain
    assert "https://www.example.org/season" in plain
    assert not Message.objects.exists()


def test_a_campaign_is_paused_and_doubts_are_decided_by_a_person(theatre: None, box: Box) -> None:
    campaign = house.let_go(house.draft())
    sending.beginning.begin(campaign, house=house.means().house, now=NOW)
    client = proven(signed_in(somebody(Role.DPO)))
    one = f"/audience/campaigns/{campaign.public_id}/"
    assert client.post(f"{one}pause/").status_code == 302
    assert "Paused: 3 contacts still wait for it" in page(client.get(one))
    assert client.post(f"{one}resume/").status_code == 302
    assert ProcrastinateJob.objects.filter(task_name=jobs.SEND_CAMPAIGN).count() == 1
    live = client.get(f"{one}live/?seen=sending", headers={"HX-Request": "true"})
    assert "hx-get" in page(live)
    Message.objects.filter(contact__contact_number="1").update(state=MessageState.CLAIMED)
    house.sent(campaign)
    assert "Of 1 mail nobody knows" in page(client.get(one))
    assert "are sent again" in page(client.get(f"{one}doubt/"))
    assert client.post(f"{one}doubt/", {"what": "sent"}).status_code == 302
    assert totals.standing(campaign).sent == 3
    done = client.get(f"{one}live/?seen=sending", headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    assert client.post(f"{one}cancel/").status_code == 302
    assert "not in a state in which that can be done" in page(client.get(one))
    held = house.let_go(house.draft("Held"))
    sending.hold(held.pk, "bad_input", now=NOW)
    other = f"/audience/campaigns/{held.public_id}/"
    assert "Held up: it has not begun yet." in page(client.get(other))
    assert client.post(f"{other}resume/").status_code == 302
    assert "It begins on" in page(client.get(other))
    assert client.post(f"{other}cancel/").status_code == 302
    assert "Cancelled: 0 contacts have it" in page(client.get(other))


def test_the_list_asks_as_much_of_many_campaigns_as_of_one(theatre: None, box: Box) -> None:
    client = signed_in(somebody(Role.MARKETER))
    counts = []
    for name in ("One", "Two", "Three"):
        house.sent(house.let_go(house.draft(name)))
        with CaptureQueriesContext(connection) as asked:
            listed = page(client.get("/audience/campaigns/"))
        counts.append(len(asked))
    assert listed.count('data-label="Sent" class="number"><div>3</div>') == 3
    assert counts == [counts[0]] * 3


def test_a_newer_link_takes_the_tag_of_none_that_a_campaign_has(theatre: None) -> None:
    campaign = house.draft()
    newer = links.add(
        name="another", destination="https://www.example.org/x", by=support.operator(), now=NOW
    )
    client = signed_in(somebody(Role.MARKETER))
    at = f"/audience/campaigns/{campaign.public_id}/change/"
    form = page(client.get(at))
    codes = re.findall(r'name="links" value="([^"]+)"', form)
    assert codes == [newer.code, house.link().code]  # a browser sends them in this order
    given = typed(links=codes, seen=campaign.stamp, key="")
    assert client.post(at, given).status_code == 302
    placed = campaign.placed.select_related("link").order_by("position")
    assert [(each.tag, each.link.name) for each in placed] == [
        ("link", "season"),
        ("link_2", "another"),
    ]
