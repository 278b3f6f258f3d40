"""The page of the vault: what lies there and until when, who looked, what has gone; never what it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import Role
from fadeout.core import clock
from fadeout.institution import queries as institution
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.runs import queries as runs
from fadeout.runs import record
from fadeout.vault import operations, queries
from fadeout.vault.keyring import new_identity
from fadeout.vault.models import VaultRecord
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.residue.house import house


@pytest.fixture
def helper(database: str) -> Client:
    support.founded()
    return signed_in(somebody(Role.SUPPORT, name="Sam"))


def shown(client: Client) -> str:
    answer = client.get("/vault/")
    assert answer.status_code == 200
    return answer.content.decode()


def struck(tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    now = clock.now()
    plan = support.simulated(now=now, as_of=clock.local_day(now, support.TIME_ZONE))
    plans.approve(
        plan=plan, by=support.operator(), typed=plan_queries.struck_by(plan),
        today=plan.as_of, now=now,
    )  # fmt: skip
    assert support.run(plan, now=now).state == "done"


def test_an_empty_vault_says_for_whom_it_seals(helper: Client) -> None:
    page = shown(helper)
    assert "Nothing lies in the vault that could be recovered." in page
    assert support.RECIPIENT in page
    assert queries.fingerprint(support.RECIPIENT) in page
    assert "Nobody was looked for yet." in page
    assert "Nothing was destroyed yet." in page
    assert 'type="file"' not in page


def test_what_lies_there_is_counted_by_day_and_not_shown(helper: Client, tmp_path: Path) -> None:
    struck(tmp_path)
    [lying] = queries.lying()
    assert lying.records >= 2
    assert queries.lying_by(runs.sealed()) == [lying]
    page = shown(helper)
    assert f"Support can still open {lying.records} sealed records, the last of them until" in page
    assert f'datetime="{lying.expires_on.isoformat()}"' in page
    assert "pseudonymised and restricted" in page
    assert "overdue" not in page
    assert "Strasser" not in page


def test_recoveries_are_told_with_their_reason_until_it_is_emptied(helper: Client) -> None:
    operations.record_recovery(
        reason="court order 12/2026", by=support.operator("Irma"), now=support.NOW
    )
    page = shown(helper)
    assert "court order 12/2026" in page
    assert "Irma" in page
    number = page.split('<span class="unseen">Entry </span>')[1].split("<")[0]
    record.empty_texts(entries=[int(number)], by=support.operator(), now=support.NOW)
    page = shown(helper)
    assert "court order" not in page
    assert "The reason was emptied." in page


def test_what_is_overdue_is_a_warning_and_what_expired_is_told(
    helper: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    struck(tmp_path)
    [lying] = queries.lying()
    late = clock.now() + timedelta(days=400)
    monkeypatch.setattr(clock, "now", lambda: late)
    helper = signed_in(somebody(Role.SUPPORT, name="Sue"))
    page = shown(helper)
    assert f"The day of {lying.records} records has come, and they still lie there" in page
    assert 'class="tag bad">overdue' in page
    assert "Nothing lies in the vault that could be recovered." in page
    today = clock.local_day(late, institution.current().time_zone)
    operations.expire(support.keyring(), as_of=today, today=today, by=None, now=late)
    assert not VaultRecord.objects.exists()
    page = shown(helper)
    assert "overdue" not in page
    assert "Keys destroyed" in page
    assert "Fadeout itself" in page


def test_another_recipient_than_the_recorded_one_is_a_warning(helper: Client) -> None:
    operations.set_up(
        support.keyring(), recipient=support.RECIPIENT, replace=True, by=support.operator(),
        now=support.NOW,
    )  # fmt: skip
    assert "not the one that the vault was set up with" not in shown(helper)
    support.keyring().set_recipient(new_identity()[1], replace=True)
    assert "not the one that the vault was set up with" in shown(helper)


def test_the_page_takes_as_many_statements_whatever_lies_there(
    helper: Client, tmp_path: Path
) -> None:
    struck(tmp_path)
    shown(helper)
    with CaptureQueriesContext(connection) as caught:
        shown(helper)
    assert len(caught) == 12
