"""After a restore: whoever was erased is erased again, exactly those, and only once."""

from __future__ import annotations

import json
import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from fadeout.certificates import agreement
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import sql
from fadeout.core.errors import DidNotHold
from fadeout.core.postgres import dumps
from fadeout.demo import house as demo_house
from fadeout.institution import operations as institution
from fadeout.institution import queries as institution_queries
from fadeout.keys.tokens import ErasedTokens
from fadeout.ledger import operations as ledger
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.runs import lanes, queries, replay
from fadeout.runs.models import Run
from tests import support
from tests.model.house import Hold, House, at
from tests.plans.house import contact, contact_ids, everything, house, line, order, sale, states
from tests.runs.stages import STEPS
from tests.runs.states import State, state
from tests.runs.test_crashes import run_in_a_process

A_DAY_LATER = at("2026-06-02T12:00:00Z")
STRUCK = "SELECT count(*) FROM contacts_contact WHERE anonymised_on IS NOT NULL"
NO_TOKENS_ARE_WRITTEN = ("before the tokens", "after the commit", "in the ticket part")


def found() -> Plan | None:
    return replay.plan_replay(
        house=institution_queries.current(),
        policy=institution_queries.policy_in_force(),
        by=support.operator(),
        tokens=support.tokens(),
        now=support.NOW,
    )


def replayed(plan: Plan | None = None, **more: Any) -> Run:
    plan = plan or found()
    assert plan is not None
    return support.run(support.approved(plan), **more)


def backup(database: str, folder: Path, name: str = "backup") -> Path:
    dumps.dump(database, folder / f"{name}.sql")
    return folder / f"{name}.sql"


def restore(database: str, dump: Path) -> None:
    """As when the database itself is lost: nobody asks it anything before."""
    connections.close_all()
    dumps.restore(database, dump)


def rows_of_the_house() -> State:
    return {name: rows for name, rows in state().items() if name not in ("rows", "run")}


def run_by_rule() -> Run:
    return support.run(support.approved(support.simulated()))


def invented(folder: Path, contacts: int = 150) -> None:
    support.founded()
    demo_house.invent(folder, contacts=contacts, today=support.AS_OF)
    support.import_folder(folder)


def test_what_a_replay_leaves_is_what_the_run_left(database: str, tmp_path: Path) -> None:
    invented(tmp_path / "in")
    dump = backup(database, tmp_path)
    run = run_by_rule()
    standing = queries.standing(run)
    assert standing.deleted > 6 < standing.anonymised
    ended, tokens = rows_of_the_house(), support.tokens().count()
    numbers = {n for n in contact_ids() if not n.startswith("~")}
    restore(database, dump)
    assert rows_of_the_house() != ended
    assert sql.rows(STRUCK) == [(0,)]

    again = replayed()

    assert again.state == "done"
    assert queries.standing(again).deleted == standing.deleted
    assert queries.standing(again).anonymised == standing.anonymised
    assert queries.removed(again) == again.plan.totals["removals"]
    assert {n for n in contact_ids() if not n.startswith("~")} == numbers
    assert support.tokens().count() == tokens

    before = everything("institution_operator")
    assert found() is None
    assert everything("institution_operator") == before

    next_run = run_by_rule()  # old tickets are back as well; they are the next run's matter
    assert queries.standing(next_run).struck == 0
    assert rows_of_the_house() == ended


def test_nobody_was_erased_so_nobody_is_found(database: str, tmp_path: Path) -> None:
    support.imported(house(contact("A")), tmp_path / "in")
    assert found() is None
    assert not Plan.objects.exists()


# -- Exactly those ----------------------------------------------------------------------------


def test_a_number_given_to_somebody_new_strikes_nobody(database: str, tmp_path: Path) -> None:
    support.imported(house(contact("A"), contact("B")), tmp_path / "in")
    assert support.run(support.approved(support.forgotten("A", "B"))).state == "done"
    again = house(contact("A", created_at=at("2026-06-01T09:00:00Z")))
    support.import_folder(again.write_csv(tmp_path / "new"))
    dump = backup(database, tmp_path)
    restore(database, dump)
    assert contact_ids().keys() == {"A"}
    assert found() is None
    assert contact_ids().keys() == {"A"}


def test_a_row_id_given_to_somebody_new_strikes_nobody(database: str, tmp_path: Path) -> None:
    support.imported(house(contact("A")), tmp_path / "in")
    dump = backup(database, tmp_path)
    support.import_folder(house(contact("B")).write_csv(tmp_path / "second"))
    its_id = contact_ids()["B"]
    support.run(support.approved(support.forgotten("B")))
    restore(database, dump)
    support.import_folder(house(contact("C")).write_csv(tmp_path / "third"))
    assert contact_ids()["C"] == its_id
    assert found() is None

    restore(database, dump)
    ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    support.run(support.approved(support.forgotten("A")))
    restore(database, dump)
    support.import_folder(house(contact("C")).write_csv(tmp_path / "fourth"))
    assert contact_ids()["C"] == its_id
    assert replayed().state == "done"
    assert contact_ids().keys() == {"C"}


def test_a_contact_whose_token_changed_between_plan_and_stroke_is_kept(
    database: str, tmp_path: Path
) -> None:
    support.imported(house(*map(contact, "ABC")), tmp_path / "in")
    dump = backup(database, tmp_path)
    support.run(support.approved(support.forgotten("A", "B")))
    restore(database, dump)
    plan = found()
    assert plan is not None
    names = {number: name for name, number in contact_ids().items()}
    sql.execute(
        "UPDATE contacts_contact SET created_at = created_at + interval '1 microsecond'"
        " WHERE contact_number = 'B'"
    )
    assert replayed(plan).state == "done"
    assert states(plan, names) == {"B": ("requalified", "not_erased")}
    assert contact_ids().keys() == {"B", "C"}


# -- The outcome is the one it had --------------------------------------------------------------


def whoever_was_struck(database: str, tmp_path: Path) -> Path:
    """A prospect that has an account with the house by now, and a buyer; both forgotten."""
    support.imported(
        house(contact("prospect"), contact("buyer"), *sale("O1", "buyer")), tmp_path / "in"
    )
    dump = backup(database, tmp_path)
    assert support.run(support.approved(support.forgotten("prospect", "buyer"))).state == "done"
    restore(database, dump)
    return dump


def test_what_is_recorded_is_done_again(database: str, tmp_path: Path) -> None:
    whoever_was_struck(database, tmp_path)
    sql.execute("UPDATE sales_order SET purchase_contact_id = NULL")  # no buyer by what is on file
    run = replayed()
    assert (run.state, queries.standing(run).deleted, queries.standing(run).anonymised) == (
        "done", 1, 1,
    )  # fmt: skip


def test_where_the_older_form_does_not_tell_the_outcome_who_bought_is_anonymised(
    database: str, tmp_path: Path
) -> None:
    whoever_was_struck(database, tmp_path)
    in_the_older_form(tmp_path / "keys")
    run = replayed()
    assert queries.standing(run).deleted == queries.standing(run).anonymised == 1
    assert contact_ids().keys().isdisjoint({"prospect", "buyer"})
    assert sql.rows(STRUCK) == [(1,)]


def in_the_older_form(folder: Path) -> None:
    path = folder / "erased.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in lines:
        if entry.pop("mac", None):
            lists = (entry.pop(name) for name in ("delete", "anonymise", "numbers"))
            entry["tokens"] = sorted(token for listed in lists for token in listed)
    lines = [entry for entry in lines if "database" not in entry]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in lines))


# -- What keeps whom ----------------------------------------------------------------------------


def test_what_forbade_it_before_it_was_erased_keeps_nobody_and_what_came_since_does(
    database: str, tmp_path: Path
) -> None:
    names = ("debtor then", "held then", "buys since", "guest since", "held since", "asks since")
    support.imported(
        house(
            *map(contact, names),
            order("then", "debtor then"),
            line("then", price=sale("x", None)[1].price),
            Hold(contact_number="held then", reason="court", created_at=at("2020-01-01T00:00:00Z")),
        ),
        tmp_path / "in",
    )
    dump = backup(database, tmp_path)
    sql.execute("DELETE FROM contacts_hold")
    sql.execute("UPDATE sales_order_line SET price = 0")
    erased = support.run(support.approved(support.forgotten(*names)))
    assert queries.standing(erased).struck == len(names)
    restore(database, dump)
    plan = found()
    assert plan is not None
    assert plan.totals["outcomes"]["keep"] == 0
    by_id = {number: name for name, number in contact_ids().items()}
    since = house(
        order("since", "buys since", ordered_at=A_DAY_LATER),
        line("since", beneficiary_contact="guest since"),
        Hold(contact_number="held since", reason="court", created_at=A_DAY_LATER),
        Hold(contact_number="asks since", reason="request", created_at=A_DAY_LATER),
    )
    put_on_file(since, tmp_path / "since")

    assert replayed(plan).state == "done"

    kept = {"buys since": "active", "guest since": "active", "held since": "hold",
            "asks since": "request"}  # fmt: skip
    assert states(plan, by_id) == {who: ("requalified", why) for who, why in kept.items()}
    assert contact_ids().keys() - {"debtor then", "held then"} == kept.keys() | {
        number for number in contact_ids() if number.startswith("~")
    }

    later = found()
    assert later is not None
    assert plan_queries.struck_by(later) == 0
    assert {by_id[row.contact_id]: row.reasons for row in later.rows.all()} == kept


def put_on_file(rows: House, folder: Path) -> None:
    """What a box office does with people who are on file, tokens or not: imports would know them."""
    import_exchange(
        path=rows.write_csv(folder), now=support.NOW, erased=ErasedTokens(folder / "no keys")
    )


# -- What a backup holds of plans and runs ------------------------------------------------------


def test_a_plan_approved_in_the_backup_is_refused_after_the_replay(
    database: str, tmp_path: Path
) -> None:
    support.imported(house(contact("A"), contact("B")), tmp_path / "in")
    plan = support.approved(support.simulated())
    dump = backup(database, tmp_path)
    assert support.run(plan).state == "done"
    restore(database, dump)
    assert replayed().state == "done"
    with pytest.raises(DidNotHold, match="not those that were approved"):
        support.run(Plan.objects.get(pk=plan.pk))
    assert not contact_ids()


def test_a_plan_approved_in_the_backup_may_be_run_first_and_leaves_nothing_to_replay(
    database: str, tmp_path: Path
) -> None:
    support.imported(house(contact("A"), contact("B")), tmp_path / "in")
    plan = support.approved(support.simulated())
    dump = backup(database, tmp_path)
    assert support.run(plan).state == "done"
    restore(database, dump)
    ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    assert support.run(Plan.objects.get(pk=plan.pk)).state == "done"
    assert found() is None


def test_a_backup_made_in_the_middle_of_a_run(database: str, tmp_path: Path) -> None:
    invented(tmp_path / "in")
    plan = support.approved(support.simulated())
    killed = run_in_a_process(plan, "before the stroke", 4, tmp_path)
    assert killed.code == -signal.SIGKILL, killed.said
    struck = queries.standing(Run.objects.get()).struck
    assert 0 < struck < plan_queries.struck_by(plan)
    dump = backup(database, tmp_path)
    assert support.run(plan).state == "done"
    ended, tokens = rows_of_the_house(), support.tokens().count()
    restore(database, dump)
    assert queries.state_in_words(Run.objects.get()) == "interrupted"

    again = replayed()

    assert queries.standing(again).struck == plan_queries.struck_by(plan) - struck
    assert support.tokens().count() == tokens
    interrupted = Run.objects.get(plan=plan)
    assert interrupted.state == "paused"
    with pytest.raises(DidNotHold, match="not those that were approved"):
        support.run(Plan.objects.get(pk=plan.pk))
    assert run_by_rule().state == "done"
    assert rows_of_the_house() == ended


# -- Interrupted ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    return {}


@pytest.mark.parametrize("step", ["never", *(s for s in STEPS if s not in NO_TOKENS_ARE_WRITTEN)])
def test_a_replay_that_was_killed_is_given_again_and_ends_like_an_undisturbed_one(
    database: str, tmp_path: Path, undisturbed: dict[str, object], step: str
) -> None:
    invented(tmp_path / "in", contacts=100)
    dump = backup(database, tmp_path)
    struck = queries.standing(run_by_rule()).struck
    tokens = support.tokens().count()
    restore(database, dump)
    plan = found()
    assert plan is not None
    assert plan_queries.struck_by(plan) == struck > 12
    support.approved(plan)

    first = run_in_a_process(plan, step, 1 if step == "before the audits" else 3, tmp_path)
    if step != "never":
        assert first.code == -signal.SIGKILL, first.said
        rest = found()
        assert (rest is None) == (step == "before the audits")
        if rest is not None:
            assert 0 < plan_queries.struck_by(rest) < struck
            assert replayed(rest).state == "done"
        assert Run.objects.get(plan=plan).state == "cancelled"
        assert [finding.what for finding in agreement.findings()] == []

    ended = rows_of_the_house()
    assert ended == undisturbed.setdefault("state", ended)
    assert support.tokens().count() == tokens
    assert found() is None


# -- In doubt ---------------------------------------------------------------------------------


def killed_in_its_first_chunk(database: str, tmp_path: Path, step: str) -> Path:
    """A run over A and B that dies in its only chunk; the backup is older."""
    support.imported(house(contact("A"), contact("B")), tmp_path / "in")
    dump = backup(database, tmp_path)
    killed = run_in_a_process(support.approved(support.simulated()), step, 1, tmp_path)
    assert killed.code == -signal.SIGKILL, killed.said
    return dump


@pytest.mark.parametrize("step", ["before the commit", "after the commit"])
def test_a_lost_database_leaves_the_last_chunk_in_doubt_and_the_rule_decides(
    database: str, tmp_path: Path, step: str
) -> None:
    dump = killed_in_its_first_chunk(database, tmp_path, step)
    restore(database, dump)
    came_back = house(order("new", "B", ordered_at=at("2026-05-30T12:00:00Z")), line("new"))
    put_on_file(came_back, tmp_path / "later")
    plan = found()
    assert plan is not None
    names = {number: name for name, number in contact_ids().items()}
    assert {names[r.contact_id]: (r.outcome, r.reasons) for r in plan.rows.all()} == {
        "A": ("delete", None),
        "B": ("keep", "active"),
    }
    assert replayed(plan).state == "done"
    assert contact_ids().keys() == {"B"}
    assert all(block.in_doubt for block in support.tokens().blocks())


@pytest.mark.parametrize(("step", "struck"), [("before the commit", 0), ("after the commit", 2)])
def test_a_database_that_is_asked_before_it_is_replaced_leaves_no_doubt(
    database: str, tmp_path: Path, step: str, struck: int
) -> None:
    dump = killed_in_its_first_chunk(database, tmp_path, step)
    assert replay.settle_before_restore(support.tokens()) == 1
    restore(database, dump)
    plan = found()
    assert (plan_queries.struck_by(plan) if plan else 0) == struck
    assert support.tokens().count() == 2 * struck


# -- How long tokens are kept -------------------------------------------------------------------


def test_tokens_are_kept_as_long_as_backups_live(database: str, tmp_path: Path) -> None:
    whoever_was_struck(database, tmp_path)
    policy = institution_queries.policy_in_force()
    assert policy.backup_months == 12
    a_year_later = date(2027, 6, 1)
    assert replay.drop_outlived(support.tokens(), policy=policy, today=a_year_later) == 0
    assert found() is not None
    shorter = institution.change_policy(
        changes={"backup_months": 6}, by=support.operator(), now=support.NOW
    )
    dropped = replay.drop_outlived(support.tokens(), policy=shorter, today=a_year_later)
    assert (dropped, support.tokens().count()) == (4, 0)
    assert found() is None


def test_whoever_was_back_is_recognised_as_long_as_a_backup_made_meanwhile_lives(
    database: str, tmp_path: Path
) -> None:
    whoever_was_struck(database, tmp_path)
    meanwhile = backup(database, tmp_path, "meanwhile")
    plan = replay.plan_replay(
        house=institution_queries.current(), policy=institution_queries.policy_in_force(),
        by=support.operator(), tokens=support.tokens(), now=at("2026-12-24T12:00:00Z"),
    )  # fmt: skip
    assert plan is not None
    count = support.tokens().count()
    assert support.tokens().drop_before(date(2026, 12, 24)) == 0
    restore(database, meanwhile)
    assert found() is not None
    assert support.tokens().count() == count
    assert support.tokens().drop_before(date(2026, 12, 25)) == count


def test_contacts_pass_by_in_pieces(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented(tmp_path / "in", contacts=60)
    dump = backup(database, tmp_path)
    struck = queries.standing(run_by_rule()).struck
    restore(database, dump)
    monkeypatch.setattr(replay, "AT_ONCE", 7)
    monkeypatch.setattr(lanes, "FIRST_CHUNK", 3)
    plan = found()
    assert plan is not None
    assert plan_queries.struck_by(plan) == struck > 7
    assert replayed(plan).state == "done"
