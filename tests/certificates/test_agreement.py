"""Whoever changes plans, approvals, overrides or runs behind the ledger's back is found out."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from fadeout.certificates import agreement
from fadeout.core import clock, paths
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution_queries
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Entry, Kind
from fadeout.plans import forgetting
from fadeout.plans.forgetting import Named
from fadeout.runs import audits, control, lanes
from fadeout.runs import queries as run_queries
from fadeout.runs import record as runs_record
from fadeout.runs.models import Chunk, Override, Run
from fadeout.runs.operations import Progress
from fadeout.vault.models import VaultKey
from tests import support
from tests.certificates.house import REASON, planned, ran
from tests.ledger import book
from tests.plans.house import contact, everything, house

pytestmark = pytest.mark.usefixtures("database")


def findings() -> list[str]:
    """Of the tables; the ledger itself holds all the while."""
    assert book.findings() == []
    return [finding.what for finding in agreement.findings()]


def kinds() -> list[str]:
    return list(Entry.objects.order_by("number").values_list("kind", flat=True))


def of_kind(kind: Kind) -> Entry:
    return Entry.objects.filter(kind=kind).latest("number")


def test_each_step_is_recorded_once_with_who_did_it(run: Run) -> None:
    assert kinds()[-6:] == [
        "plan", "approval", "override", "run_started", "vault_key", "run_ended",
    ]  # fmt: skip
    by = {kind: of_kind(kind).actor for kind in Kind if kind.value in kinds()}
    names = {name: support.operator(name).public_id for name in ("Ada", "Bo", "Ruth", "Cy")}
    assert (by[Kind.PLAN], by[Kind.APPROVAL]) == (names["Ada"], names["Bo"])
    assert (by[Kind.OVERRIDE], by[Kind.RUN_STARTED]) == (names["Ruth"], names["Cy"])
    assert by[Kind.RUN_ENDED] == names["Cy"]
    facts = of_kind(Kind.PLAN).facts
    assert facts["fingerprint"] == run.plan.fingerprint
    assert facts["outcomes"] == {"delete": 2, "anonymise": 1, "keep": 2}
    assert facts["reasons"]["active"] == 2
    assert facts["removals"]["contacts_contact"] == 3
    assert facts["policy"]["number"] == 3
    ended = of_kind(Kind.RUN_ENDED).facts
    assert {n: ended[n] for n in ("state", "deleted", "anonymised", "requalified", "left")} == {
        "state": "done", "deleted": 2, "anonymised": 1, "requalified": 0, "left": 0,
    }  # fmt: skip
    assert ended["removed"]["contacts_contact"] == 3
    assert ended["audits"] == run.audits
    assert of_kind(Kind.OVERRIDE).texts.get(name="reason").text == REASON


def test_tables_that_nobody_touched_agree(run: Run) -> None:
    assert findings() == []
    assert list(agreement.of_run(run)) == []


def test_a_run_ends_after_its_last_change(run: Run) -> None:
    last_change_at = run_queries.last_change_at(run)
    assert last_change_at is not None
    assert run.ended_at is not None
    assert run.started_at < last_change_at < run.ended_at <= clock.now()
    assert of_kind(Kind.RUN_ENDED).at == run.ended_at


def test_what_an_earlier_end_found_is_compared(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as finding:
        finding.setattr(audits, "audit", lambda *_: {"something left": 1})
        run = ran(tmp_path / "in")
    assert run.state == "incomplete"
    assert findings() == []
    again = support.run(run.plan, now=clock.now())
    assert (again.state, again.earlier_audits) == ("done", [run.audits])
    assert findings() == []
    book.tamper("UPDATE runs_run SET earlier_audits = '[]'")
    assert any("earlier audits" in what for what in findings())


def test_to_approve_twice_is_one_approval(database: str, tmp_path: Path) -> None:
    plan = planned(tmp_path / "in")
    support.approved(plan)
    support.approved(plan)
    assert kinds()[-3:] == ["plan", "approval", "approval"]  # by Bo and by Ada
    assert findings() == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE plans_plan SET fingerprint = repeat('0', 64)", "Of plan 1 the database says"),
        ("UPDATE plans_plan SET months = 1", "months"),
        ("UPDATE plans_plan SET created_by_id = (SELECT max(id) FROM institution_operator)", "simulated by"),
        ("UPDATE plans_plan SET totals = jsonb_set(totals, '{reasons,active}', '1')", "reasons"),
        ("UPDATE plans_plan SET policy_id = 1", "policy"),
        ("DELETE FROM plans_plan", "Plan 1 is in the ledger and not in the database"),
        ("UPDATE plans_approval SET approved_at = now()", "Of the approval of plan 1"),
        ("UPDATE plans_approval SET fingerprint = 'x'", "fingerprint"),
        ("DELETE FROM plans_approval", "An approval of plan 1 is in the ledger and not in the database"),
        ("UPDATE plans_approval SET approved_by_id = (SELECT max(id) FROM institution_operator)",
         "An approval of plan 1 is in the ledger and not"),
        ("UPDATE runs_override SET reason = 'Another.'", "The reason of the override of plan 1"),
        ("UPDATE runs_override SET brakes = '[]'", "Of the override of plan 1"),
        ("DELETE FROM runs_override", "An override of plan 1 is in the ledger and not"),
        ("UPDATE runs_run SET state = 'incomplete'", "state"),
        ("UPDATE runs_run SET audits = '{}'", "audits"),
        ("UPDATE runs_run SET started_at = now()", "Of run 1 the database says"),
        ("UPDATE runs_run SET started_by_id = (SELECT min(id) FROM institution_operator)", "by"),
        ("DELETE FROM runs_run", "Run 1 is in the ledger and not in the database"),
        ("UPDATE runs_run SET ended_at = ended_at - interval '1 hour'", "ended_at"),
        ("UPDATE runs_run SET earlier_audits = '[{}]'", "earlier audits"),
        ("UPDATE runs_chunk SET committed_at = committed_at + interval '1 hour'", "last_change_at"),
        ("UPDATE runs_chunk SET removed = '{}'", "removed"),
        ("UPDATE plans_plan_row SET state = 'requalified' WHERE outcome = 'anonymise'",
         "anonymised, requalified"),
        ("DELETE FROM plans_plan_row WHERE outcome = 'keep'", "The rows of plan 1 are not as many"),
        ("UPDATE plans_plan_row SET reasons = 'hold' WHERE outcome = 'keep'",
         "The rows of plan 1 are not those that were simulated"),
        ("UPDATE institution_policyversion SET two_people = true WHERE number = 1",
         "Of version 1 of the policy"),
        ("UPDATE institution_institution SET time_zone = 'UTC'", "Of the house the database says"),
        ("DELETE FROM institution_policyversion WHERE number = 1",
         "Version 1 of the policy is in the ledger"),
    ],
)  # fmt: skip
def test_changed_rows_are_found(run: Run, statement: str, said: str) -> None:
    book.tamper(statement)
    found = findings()
    assert any(said in what for what in found), found


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE vault_key SET destroyed_at = now()", "is destroyed in the database, and not in"),
        ("UPDATE vault_key SET expires_on = '2020-01-01', destroyed_at = now()", "expires_on"),
        ("UPDATE vault_key SET wrapped_digest = 'x'", "wrapped_digest"),
        ("DELETE FROM vault_key", "is in the ledger and not in the database"),
        ("UPDATE vault_key SET id = gen_random_uuid()", "is in the ledger and not in the database"),
    ],
)
def test_a_certificate_and_verification_look_at_the_keys_of_a_run(
    run: Run, statement: str, said: str
) -> None:
    assert list(agreement.of_run(run)) == []
    book.tamper(statement)
    found = findings()
    assert any(said in what for what in found), found
    of_run = [finding.what for finding in agreement.of_run(run)]
    assert any(said in what for what in of_run), of_run


@pytest.mark.parametrize("names_keys", [True, False])
def test_keys_that_an_expiry_destroyed_agree(run: Run, names_keys: bool) -> None:
    key = VaultKey.objects.get()
    facts: dict[str, Any] = {"as_of": key.expires_on, "keys": 1, "records": 3}
    if names_keys:
        facts["destroyed"] = [str(key.pk)]
    book.add(Kind.EXPIRY, **facts)
    VaultKey.objects.update(destroyed_at=clock.now())
    assert findings() == []
    VaultKey.objects.update(destroyed_at=None)
    told = [f"Key {key.pk} of the vault was destroyed, and in the database it was not."]
    assert findings() == (told if names_keys else [])


def test_a_key_that_the_ledger_does_not_know_is_found(run: Run) -> None:
    book.tamper(
        "INSERT INTO vault_key (id, made_at, expires_on, wrapped_digest)"
        " SELECT gen_random_uuid(), made_at, expires_on, 'x' FROM vault_key"
    )
    [what] = findings()
    assert what.startswith("In the database and not in the ledger: key of the vault ")


@pytest.mark.parametrize("new_name", ["'Zoe'", "NULL"])
def test_another_name_of_an_operator_is_found(run: Run, new_name: str) -> None:
    book.tamper(f"UPDATE institution_operator SET name = {new_name} WHERE name = 'Ruth'")
    [what] = findings()
    assert what.startswith("The name of operator ")
    assert [finding.what for finding in agreement.of_run(run)] == [what]


def test_a_name_that_is_emptied_is_emptied_in_the_ledger_too(run: Run) -> None:
    operator = support.operator("Ruth")
    assert ledger.names_of([operator.public_id]).get().text == "Ruth"
    ledger.empty_name(operator, by=support.operator("Bo"), now=support.NOW)
    assert not [row for rows in everything().values() for row in rows if "Ruth" in row]
    assert findings() == []
    book.tamper("UPDATE institution_operator SET name = 'Zoe' WHERE name IS NULL")
    assert len(findings()) == 1


def test_the_name_of_an_operator_is_no_text_that_somebody_typed(run: Run) -> None:
    entry = of_kind(Kind.APPROVAL)
    assert entry.texts.get().text == "Bo"
    with pytest.raises(BadInput, match="no text to empty"):
        ledger.empty_texts(entries=[entry.number], by=support.operator("Cy"), now=support.NOW)


def test_rows_that_the_ledger_does_not_know_are_found(run: Run) -> None:
    columns = (
        "created_at, as_of, months, cutoff, plan_format, catalogue_version, catalogue_digest, totals,"
        " fingerprint, created_by_id, policy_id"
    )
    book.tamper(
        "INSERT INTO plans_approval (plan_id, approved_by_id, approved_at, fingerprint)"
        " SELECT plan_id, (SELECT id FROM institution_operator WHERE name = 'Ada'), approved_at,"
        " fingerprint FROM plans_approval",
        f"INSERT INTO plans_plan (id, {columns}) SELECT 99, {columns} FROM plans_plan",
    )
    found = findings()
    assert "In the database and not in the ledger: approval of plan 1." in found
    assert "In the database and not in the ledger: plan 99." in found


def test_tampered_rows_of_a_plan_that_waits_for_its_run_are_found(
    database: str, tmp_path: Path
) -> None:
    planned(tmp_path / "in")
    assert findings() == []
    book.tamper(
        "UPDATE plans_plan_row SET outcome = 'delete', state = 'pending', reasons = ''"
        " WHERE outcome = 'keep'"
    )
    assert findings() == ["The rows of plan 1 are not as many of each outcome as it says."]


def test_an_older_plan_whose_contacts_another_run_struck_agrees(
    database: str, tmp_path: Path
) -> None:
    older = planned(tmp_path / "in")
    support.run(support.approved(support.simulated(now=clock.now())), now=clock.now())
    assert older.rows.filter(contact__isnull=True).exists()
    assert findings() == []


def test_a_run_that_is_paused_resumed_and_cancelled_is_told_step_by_step(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "FIRST_CHUNK", 1)
    monkeypatch.setattr(lanes, "LARGEST_CHUNK", 1)
    support.imported(house(*(contact(f"due {n}") for n in range(12))), tmp_path / "in")
    plan = support.approved(support.simulated(now=clock.now()))
    by = support.operator("Bo")

    def run_until(ask: str) -> Run:
        asked: list[str] = []

        def told(progress: object) -> None:
            if not asked and Run.objects.filter(plan=plan, chunks__rows__gt=0).exists():
                asked.append(ask)
                getattr(control, ask)(Run.objects.get(plan=plan), now=support.NOW, by=by)

        return support.run(plan, progress=told, now=clock.now())

    assert run_until("pause").state == "paused"
    assert findings() == []
    assert run_until("cancel").state == "cancelled"
    assert kinds()[-9:] == [
        "approval",
        "run_started", "vault_key", "stop_asked", "run_stopped",
        "run_started", "vault_key", "stop_asked", "run_stopped",
    ]  # fmt: skip
    asked, stopped = of_kind(Kind.STOP_ASKED), of_kind(Kind.RUN_STOPPED)
    assert (asked.actor, asked.facts["wish"]) == (by.public_id, "cancel")
    assert stopped.facts["state"] == "cancelled"
    assert stopped.facts["deleted"] + stopped.facts["left"] == 12
    changed_at = run_queries.last_change_at(Run.objects.get(plan=plan))
    assert changed_at is not None
    assert stopped.at > changed_at
    assert findings() == []
    book.tamper("UPDATE runs_run SET state = 'paused', ended_at = NULL")
    assert any("state" in what for what in findings())


def test_a_stop_that_somebody_else_carries_out_is_told(database: str, tmp_path: Path) -> None:
    run = ran(tmp_path / "in")
    Run.objects.update(state="incomplete")
    control.cancel(run, now=support.NOW, by=support.operator("Bo"))
    assert kinds()[-2:] == ["stop_asked", "run_stopped"]
    assert of_kind(Kind.RUN_STOPPED).actor is None


def cancelled(folder: Path, *, alive: bool) -> Run:
    """A run that is cancelled: by whoever works on it, or by somebody else after it ended incomplete."""
    if alive:
        support.imported(house(contact("due", email="due@example.org")), folder)
        plan = support.approved(support.simulated(now=clock.now()))

        def cancel(seen: Progress) -> None:
            if seen.stage == "clearing old tickets":
                control.cancel(Run.objects.get(plan=plan), now=clock.now())

        return support.run(plan, progress=cancel, now=clock.now())
    run = ran(folder)
    Run.objects.update(state="incomplete")
    control.cancel(run, now=clock.now(), by=support.operator("Bo"))
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE runs_chunk SET sealed = '{}'", "sealed"),
        ("UPDATE runs_chunk SET removed = '{}'", "removed"),
        ("UPDATE runs_run SET audits = '{\"nothing\": 0}'", "audits"),
    ],
)
def test_a_cancelled_run_too_is_compared_in_all_that_its_certificate_says(
    database: str, tmp_path: Path, alive: bool, statement: str, said: str
) -> None:
    run = cancelled(tmp_path / "in", alive=alive)
    assert (run.state, bool(run_queries.sealed(run))) == ("cancelled", True)
    assert findings() == []
    assert list(agreement.of_run(run)) == []
    book.tamper(statement)
    assert any(said in what for what in findings()), findings()
    assert any(said in finding.what for finding in agreement.of_run(run))


@pytest.mark.parametrize("alive", [True, False])
def test_a_last_chunk_of_a_dead_command_is_no_tampering_and_of_a_living_one_it_is(
    database: str, tmp_path: Path, alive: bool
) -> None:
    run = cancelled(tmp_path / "in", alive=alive)
    key = next(iter(run_queries.sealed(run)))
    Chunk.objects.create(
        id=uuid4(), run=run, stage="tickets", seconds=1, rows=0, requalified=0, digest=["0", "0", "0"],
        removed={"sales_order": 1, "sales_order_line": 2}, sealed={key: ["1", "2", "3"]},
    )  # fmt: skip
    assert bool(findings()) is alive


def test_a_house_from_before_the_ledger_is_not_taken_for_tampering(
    database: str, tmp_path: Path
) -> None:
    run = ran(tmp_path / "in")
    book.tamper("DELETE FROM ledger_text", "DELETE FROM ledger_entry")
    for path in paths.keys().glob("ledger.*"):
        path.unlink()
    with transaction.atomic():
        ledger.record(Kind.EXPIRY, by=None, now=clock.now(), facts={})
    assert findings() == []
    support.simulated(now=clock.now())
    assert findings() == []
    book.tamper(
        f"UPDATE plans_approval SET approved_at = now() + interval '1 day' WHERE plan_id = {run.plan_id}"
    )
    assert findings() == ["In the database and not in the ledger: approval of plan 1."]


@pytest.mark.parametrize("head_too", [False, True])
def test_rows_of_a_ledger_that_was_lost_are_told(run: Run, head_too: bool) -> None:
    book.tamper("DELETE FROM ledger_text", "DELETE FROM ledger_entry")
    if head_too:
        (paths.keys() / "ledger.head").write_text("{}")
    entry = ledger.acknowledge_restore(by=support.operator(), now=clock.now())
    assert entry is not None
    assert entry.number == (1 if head_too else 10)
    found = findings()
    for what in ("plan", "run", "approval of plan", "override of plan"):
        assert f"In the database and not in the ledger: {what} 1." in found
    assert any("key of the vault" in what for what in found)


def test_a_text_that_is_emptied_is_emptied_where_it_stands_beside_the_ledger(run: Run) -> None:
    assert Override.objects.get().reason == REASON
    entry = of_kind(Kind.OVERRIDE)
    runs_record.empty_texts(entries=[entry.number], by=support.operator("Bo"), now=support.NOW)
    assert Override.objects.get().reason is None
    assert not [row for rows in everything().values() for row in rows if REASON in row]
    assert findings() == []


def test_a_strike_by_hand_lets_the_rows_of_older_plans_move(database: str, tmp_path: Path) -> None:
    older = planned(tmp_path / "in")
    by_hand = forgetting.plan_forgetting(
        [Named("argument 1", "prospect")], house=institution_queries.current(),
        policy=institution_queries.policy_in_force(), by=support.operator(), today=support.AS_OF,
        now=clock.now(),
    )  # fmt: skip
    assert support.run(support.approved(by_hand), now=clock.now()).state == "done"
    assert older.rows.filter(contact__isnull=True).count() == 1
    assert findings() == []
    book.tamper("UPDATE plans_plan_row SET outcome = 'keep', state = 'kept' WHERE plan_id = 1")
    assert findings() == ["The rows of plan 1 are not as many of each outcome as it says."]
