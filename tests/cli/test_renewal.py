"""``fadeout renewal``: made at a terminal, taken up, compared, listed."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest
from django.test import override_settings

from fadeout.campaigns import totals
from fadeout.campaigns.models import Campaign, State
from fadeout.renewal import queries
from fadeout.renewal.models import Renewal
from tests.cli.conftest import Command
from tests.renewal.house import SITE, begun, furnished


@pytest.fixture
def house(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "theatre@example.org")
    furnished()


def test_it_is_made_taken_up_compared_and_listed(house: None, command: Command) -> None:
    page = ("--page", "https://www.example.org/stay")
    made = json.loads(command("renewal", "start", "Autumn", *page, "--within", "24", "--json").out)
    renewal = queries.by_public_id(UUID(made["id"]))
    assert made["next_step"] is None
    assert (made["plan"], made["link"]) == (renewal.plan_id, renewal.link.code)
    figures = made["figures"]
    assert figures["due"] == figures["renewed"] + figures["still_due"] + figures["forgotten"] == 3
    compared = json.loads(command("renewal", "compare", made["id"], "--json").out)["compared"]
    assert compared["before"] == compared["after"]
    shown = command("renewal", "show", made["id"])
    assert (shown.code, "https://www.example.org/stay" in shown.out) == (0, True)
    assert re.search(r"outcome +before +after +difference", shown.out)
    for outcome, count in compared["before"].items():
        assert re.search(rf"{outcome} +{count} +{count} +\+0", shown.out)
    assert "letters" not in shown.out, "none went yet"
    Campaign.objects.filter(public_id=made["campaign"]).update(state=State.SENT)
    totals.add(renewal.campaign_id, "sent", 2)
    assert re.search(r"letters sent +2", command("renewal", "show", made["id"]).out)
    with override_settings(PUBLIC_URL=SITE):
        waiting = begun("Winter")
    assert "fadeout renewal go-on" in command("renewal", "show", str(waiting.public_id)).out
    assert "Campaign made." in command("renewal", "go-on", str(waiting.public_id)).out
    rows = json.loads(command("renewal", "list", "--json").out)["renewals"]
    assert [row["name"] for row in rows] == ["Winter", "Autumn"]
    listed = command("renewal", "list").out
    assert "Winter" in listed
    assert made["id"] in listed, "whole, however narrow the terminal"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("start", "Autumn"), "FADEOUT_URL is not set"),
        (("start", "Autumn", "--page", "ftp://example.org"), "https://"),
        (("start", " ", "--page", "https://example.org"), "needs a name"),
        (("start", "Autumn", "--page", "https://example.org", "--within", "0"), "--within"),
        (("show", "0b9a2a6c-1f6c-4f4b-9d4e-0a1f6b1d2c3e"), "There is no such renewal"),
    ],
)
def test_what_cannot_be_is_told(
    house: None, command: Command, given: tuple[str, ...], said: str
) -> None:
    answer = command("renewal", *given)
    assert (answer.code, said in answer.err) == (2, True), answer.err
    assert not Renewal.objects.exists()
