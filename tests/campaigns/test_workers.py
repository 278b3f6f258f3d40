"""Two real workers and a campaign: one is killed over a mail, the other goes on; nobody gets two."""

from __future__ import annotations

from pathlib import Path

import pytest

from fadeout.campaigns import sending, totals
from fadeout.campaigns.models import Campaign, State
from fadeout.core import clock
from fadeout.worker import jobs
from tests import support
from tests.campaigns import house
from tests.campaigns.test_killed import Deadly, deadly  # noqa: F401 - a fixture
from tests.worker import workers

MAILS = 8


@pytest.mark.parametrize("deadly", ["DATA"], indirect=True)
def test_two_workers_send_a_campaign_though_one_is_killed(
    database: str,
    deadly: Deadly,  # noqa: F811
    tmp_path: Path,
) -> None:
    support.founded()
    for number in range(MAILS):
        house.person(str(number))
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    with house.reachable:
        campaign = house.let_go(house.draft(), now=clock.now())
    with workers.worker(logs[0]) as first:
        deadly.victim = first.pid
        jobs.send_campaign(campaign.pk)
        workers.until(lambda: len(deadly.mails) == 3, "three mails", logs[0])
        first.wait(timeout=30)
        with workers.worker(logs[1]):
            workers.until(lambda: _state(campaign.pk) == State.SENT, "sent", logs[1])
    got = [mail["To"] for mail in deadly.mails]
    assert MAILS - sending.LANES <= len(got) == len(set(got))
    found = totals.standing(campaign)
    assert found.sent + found.in_doubt == MAILS
    assert 1 <= found.in_doubt <= sending.LANES
    for log in logs:
        written = log.read_text()
        assert "send_campaign" in written
        assert "@example.org" not in written
        assert "First" not in written


def _state(campaign: int) -> str:
    return str(Campaign.objects.get(pk=campaign).state)
