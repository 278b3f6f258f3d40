"""Renewal in one go: what is made, broken off and taken up; and figures that add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import override_settings

from fadeout.campaigns import operations as campaigns
from fadeout.campaigns import sending, steering, texts
from fadeout.campaigns.models import CampaignType, State
from fadeout.contacts.models import Contact
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution
from fadeout.links import operations as links
from fadeout.plans import listing
from fadeout.plans import operations as plans
from fadeout.recency import operations as recency
from fadeout.renewal import operations, queries
from fadeout.renewal.models import Renewal, Step
from fadeout.renewal.refusals import RenewalRefused, Why
from tests import support
from tests.campaigns.house import means
from tests.mail_server import Box
from tests.renewal.house import NOW, SITE, begun, furnished, let_go, made


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with override_settings(PUBLIC_URL=SITE):
        yield


@pytest.fixture
def house(database: str, box: Box) -> Box:
    furnished()
    return box


def of(number: str) -> Contact:
    return Contact.objects.get(contact_number=number)


def test_it_makes_page_link_simulation_target_and_letter(house: Box) -> None:
    steps: list[Step] = []
    renewal = made(made=steps.append)
    assert steps == list(Step)
    assert renewal.next_step is None
    assert renewal.link.destination == f"{SITE}/s/"
    assert (renewal.plan.months, renewal.plan.as_of) == (24, support.AS_OF)
    assert (renewal.cutoff, renewal.due) == (date(2024, 6, 1), 3)
    assert renewal.target.is_static
    members = set(renewal.target.members.values_list("contact__contact_number", flat=True))
    assert members == {"ann", "bob", "cleo"}
    campaign = renewal.campaign
    assert (campaign.type, campaign.state) == (CampaignType.RENEWAL, State.DRAFT)
    assert [text.language for text in campaign.texts.order_by("language")] == ["de", "en", "fr"]
    for text in campaign.texts.all():
        tags = {tag.name for tag in texts.compiled(text).tags()}
        assert tags == {"first_name", "link", "house", "preferences", "unsubscribe"}
    reaches = steering.reaches(campaign, now=NOW, time_zone=support.TIME_ZONE)
    assert (reaches.target, reaches.reached) == (3, 2), "Cleo said no"


@pytest.mark.parametrize("step", list(Step))
def test_broken_off_at_any_step_it_is_taken_up_there(
    house: Box, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("pulled the plug")

    last_call = {
        Step.LINK: (links, "add"),
        Step.PLAN: (plans, "simulate"),
        Step.TARGET: (operations.target_queries, "ground"),  # after the target was made
        Step.CAMPAIGN: (campaigns, "save_text"),  # after the campaign was made
    }[step]
    renewal = begun()
    with monkeypatch.context() as patch:
        patch.setattr(*last_call, fails)
        with pytest.raises(RuntimeError):
            made(renewal)
    renewal = queries.by_public_id(renewal.public_id)
    assert renewal.next_step is step
    steps: list[Step] = []
    renewal = made(renewal, made=steps.append)
    assert steps == list(Step)[list(Step).index(step) :]
    assert [getattr(renewal, name).name for name in ("link", "target", "campaign")] == [
        "Spring"
    ] * 3


def test_what_is_called_like_it_already_is_left_alone(house: Box) -> None:
    links.add(name="Spring", destination="https://example.org/", by=support.operator(), now=NOW)
    renewal = made()
    assert renewal.link.name == "Spring (2)"
    assert renewal.campaign.name == "Spring"
    with pytest.raises(RenewalRefused, check=lambda error: error.why is Why.NAME_TAKEN):
        begun()
    assert Renewal.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": " "}, Why.NAME_EMPTY),
        ({"name": "x" * 101}, Why.NAME_LONG),
        ({"months": 0}, Why.MONTHS),
        ({"within": 1201}, Why.WITHIN),
    ],
)
def test_what_cannot_be_is_refused(house: Box, given: dict[str, Any], why: Why) -> None:
    with pytest.raises(RenewalRefused, check=lambda error: error.why is why):
        begun(**given)
    assert not Renewal.objects.exists()


def test_a_page_that_nobody_could_open_is_refused(house: Box) -> None:
    with pytest.raises(BadInput):
        begun(page_url="javascript:alert(1)")
    with override_settings(PUBLIC_URL=""), pytest.raises(BadInput, match="FADEOUT_URL"):
        begun()
    assert begun(page_url="https://www.example.org/stay").destination.endswith("/stay")


def test_figures_add_up_whatever_becomes_of_the_contacts(house: Box) -> None:
    renewal = made()
    before = queries.figures(renewal)
    assert (before.due, before.renewed, before.still_due, before.forgotten) == (3, 0, 3, 0)
    assert before.letters is None
    let_go(renewal)
    sending.go_on(renewal.campaign.pk, means())
    assert {mail["To"] for mail in house.mails} == {"ann@example.org", "bob@example.org"}
    [to_ann] = [mail for mail in house.mails if mail["To"] == "ann@example.org"]
    assert to_ann["Subject"].startswith("Souhaitez-vous rester avec nous, Ann")
    plain = to_ann.get_body(("plain",)).get_content()
    assert f"{SITE}/r/" in plain
    assert f"{SITE}/p/" in plain
    # Ann clicks, Bob buys (here: says something of himself), Cleo is forgotten.
    ann, bob = of("ann"), of("bob")
    ann.clicks.create(
        click_number="c", link="Spring", clicked_at=NOW + timedelta(minutes=5), automated=False,
        tracked_link=renewal.link, issued_for=renewal.campaign.public_id,
    )  # fmt: skip
    bob.criteria.create(
        criterion="likes", changed_at=NOW + timedelta(days=1), value="x", origin="operator"
    )
    recency.refresh([ann.pk, bob.pk], now=NOW, time_zone=support.TIME_ZONE)
    support.run(support.approved(support.forgotten("cleo")))
    found = queries.figures(queries.by_public_id(renewal.public_id))
    assert found.due == found.renewed + found.still_due + found.forgotten == 3
    assert (found.renewed, found.renewed_by_click, found.renewed_otherwise) == (2, 1, 1)
    assert (found.still_due, found.forgotten) == (0, 1)
    assert (found.letters.sent, found.letters.target) == (2, 3)


def test_rare_languages_are_one_line_and_all_lines_add_up(
    house: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewal = made()
    for number, language in (("ann", "fr"), ("bob", "fr"), ("cleo", "tr")):
        Contact.objects.filter(contact_number=number).update(language=language)
    assert queries.figures(renewal).languages == (("fr", 2, 0), ("tr", 1, 0))
    Contact.objects.filter(contact_number="bob").update(language="uk")
    monkeypatch.setattr(queries, "MOST_LANGUAGES", 2)
    assert queries.figures(renewal).languages == (("fr", 1, 0), (queries.OTHERS, 2, 0))


def test_the_plan_before_and_after_tells_who_stays(house: Box) -> None:
    renewal = made()
    assert queries.compared(renewal) is None
    ann = of("ann")
    ann.clicks.create(click_number="c", link="Spring", clicked_at=NOW, automated=False)
    support.run(support.approved(support.forgotten("cleo")))
    operations.compare(
        renewal, house=institution.current(), by=support.operator(), now=NOW + timedelta(days=1)
    )
    compared = queries.compared(queries.by_public_id(renewal.public_id))
    struck = [sum(c[name] for name in listing.STRUCK) for c in (compared.before, compared.after)]
    counts = compared.counts
    assert (counts.went, counts.came) == (1, 0)
    assert counts.struck_since == 1, "by another plan than the one of the renewal"
    assert struck[0] - counts.went - counts.struck_since + counts.came == struck[1]
