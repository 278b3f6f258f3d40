"""After a run nothing tells who was struck, in whatever text it stood; what others have too stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import transaction

from fadeout.certificates import agreement
from fadeout.core import paths, sql
from fadeout.core.catalogue import texts
from fadeout.core.errors import DidNotHold
from fadeout.erasure import texts as erasure
from fadeout.institution import queries as institution
from fadeout.keys.run_files import RunFiles
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Entry, Kind, Text
from fadeout.plans.models import Plan
from fadeout.residue import operations as residue
from fadeout.residue.models import Finding
from fadeout.rights import operations as rights
from fadeout.rights.models import Identified
from fadeout.runs import chunks, control, lanes, queries, remains, tickets
from fadeout.runs.control import Control
from fadeout.runs.models import Run
from tests import support
from tests.campaigns import house as campaigns
from tests.erasure.test_sentinels import dumped
from tests.model.house import Note
from tests.residue.house import (
    ANNA,
    BEN,
    EXACT,
    NAMES,
    RECENT,
    TEXT,
    about,
    contact_of,
    house,
    note,
    planned,
    plant_everywhere,
)


def left_files() -> list[str]:
    return sorted(path.name for path in (paths.keys() / "runs").iterdir())


def findings(**of: str) -> int:
    return Finding.objects.filter(**of).count()


def write_note(number: str, text: str) -> None:
    sql.execute(
        "INSERT INTO contacts_note (note_number, contact_id, written_at, text)"
        " SELECT %(n)s, id, now(), %(text)s FROM contacts_contact WHERE contact_number = 'K-1'",
        {"n": number, "text": text},
    )


def an_earlier_run_with_an_override() -> None:
    """So that plans, runs, chunks and overrides have rows."""
    plan = support.approved(support.simulated(months=1_000))
    sql.execute(
        "INSERT INTO runs_override (plan_id, overridden_by_id, overridden_at, brakes, reason)"
        " SELECT %(plan)s, max(id), now(), '[]', 'x' FROM institution_operator",
        {"plan": plan.pk},
    )
    run = support.run(plan)
    assert run.state == "done"
    chunks.write_account(run, chunks.Account(chunks.Stage.TICKETS), seconds=0)


def a_job_that_waits() -> None:
    """As nobody queues it: Fadeout's own jobs name nobody."""
    sql.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('x', 'x', '{}')"
    )


def what_the_audience_is_told() -> None:
    """So that links, targets and campaigns have rows, and requests one that was refused."""
    campaigns.draft()
    asked = rights.open_erasure(
        contact_of("K-1").public_id, identified=Identified.OPERATOR, now=support.NOW,
        time_zone=support.TIME_ZONE, by=support.operator(),
    )  # fmt: skip
    rights.refuse(asked.request.public_id, reason="x", by=support.operator(), now=support.NOW)


def test_identifiers_go_from_every_text_about_others(database: str, tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    an_earlier_run_with_an_override()
    a_job_that_waits()
    what_the_audience_is_told()
    planted = plant_everywhere(TEXT)
    searched = {f"{t.name}.{c.name}" for t in texts.searched() for c in t.columns}
    assert planted == searched - {"ledger_text.text"}  # emptied as a whole: a test of its own
    assert len(planted) == 20
    before = dumped(database)
    assert all(before.count(typed) >= len(planted) for typed in (*EXACT, *NAMES))
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"] == {"delete": 1, "anonymise": 1, "keep": 1}

    run = support.run(plan)

    assert run.state == "done", run.audits
    after = dumped(database)
    assert not [typed for typed in EXACT if typed.lower() in after.lower()]
    assert after.count("[removed") >= len(planted) * len(EXACT)
    assert all(after.count(name) == before.count(name) for name in NAMES)
    assert after.count("kay@example.org") == before.count("kay@example.org")
    columns = Finding.objects.filter(run_number=run.pk, done="redacted").values_list(
        "table_name", "column_name"
    )
    assert {".".join(column) for column in columns} == planted
    listed = Finding.objects.filter(run_number=run.pk, done="listed", kind="name")
    assert {f"{f.table_name}.{f.column_name}" for f in listed} == planted
    assert [run.audits[f"residue left in {column}"] for column in planted] == [0] * len(planted)
    assert left_files() == []


def test_what_fadeout_itself_wrote_of_runs_stays(database: str, tmp_path: Path) -> None:
    """A login like the name of a table must not change what the ledger holds hashes of."""
    named_like_a_table = about(
        ANNA, contact_number="2026-12", email="plans@example.org", phone=None, mobile=None,
        login="contacts_note",
    )  # fmt: skip
    support.imported(house(named_like_a_table), tmp_path / "in")
    an_earlier_run_with_an_override()
    record = "SELECT audits::text, figures_before::text FROM runs_run ORDER BY id LIMIT 1"
    before = sql.rows(record)
    assert "contacts_note" in before[0][0] + before[0][1]
    plan = support.approved(support.simulated())
    totals = sql.rows("SELECT totals::text FROM plans_plan ORDER BY id")
    assert "2026-12" in totals[-1][0]

    run = support.run(plan)

    assert run.state == "done", run.audits
    assert sql.rows(record) == before
    assert sql.rows("SELECT totals::text FROM plans_plan ORDER BY id") == totals


def test_an_operator_called_like_a_contact_keeps_the_name_in_the_ledger(
    database: str, tmp_path: Path
) -> None:
    """What operators are called is staff's, and goes when they leave; what they typed is searched."""
    support.imported(house(), tmp_path / "in")
    operator = support.operator("anna.s@example.org")
    with transaction.atomic():
        entry = ledger.record(
            Kind.RECOVERY, by=operator, now=support.NOW, facts={},
            texts={"reason": "as anna.s@example.org asked"},
        )  # fmt: skip
    named = Text.objects.filter(text="anna.s@example.org", name="name")
    assert named.count() == 1

    run = support.run(support.approved(support.simulated()))

    assert run.state == "done", run.audits
    assert named.count() == 1
    assert Text.objects.get(entry=entry, name="reason").text is None
    assert not [f for f in agreement.findings() if "name of operator" in str(f)]
    Text.objects.filter(name="name", text="anna.s@example.org").update(text="Ruth")
    assert [f for f in agreement.findings() if "name of operator" in str(f)]


def test_dates_and_words_are_not_taken_out(database: str, tmp_path: Path) -> None:
    like_dates = about(
        ANNA, contact_number="2015-11", email="m@example.org", phone="21 12 20 19", mobile=None,
        login="sold_out",
    )  # fmt: skip
    text = "x 21.12.2019, since 2015-11 sold_out; m@example.org"
    notes = (Note(note_number="N2", contact_number="K-1", text=text),)
    run = support.run(planned(tmp_path / "in", like_dates, notes=notes))
    assert run.state == "done", run.audits
    assert note("N2") == text.replace("m@example.org", "[removed]")
    assert findings(done="listed") == 3


def test_a_login_like_the_mark_does_not_keep_a_run_from_its_end(
    database: str, tmp_path: Path
) -> None:
    like_a_mark = about(
        ANNA, contact_number="KN-100124", email="m@example.org", phone=None, mobile=None,
        login="[removed]",
    )  # fmt: skip
    notes = (Note(note_number="N2", contact_number="K-1", text=f"x {EXACT[0]} m@example.org"),)
    run = support.run(planned(tmp_path / "in", like_a_mark, notes=notes))
    assert run.state == "done", run.audits
    assert note("N2") == "x [removed] [removed]"


def test_most_is_redacted_in_the_very_transaction_that_strikes(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(
        tmp_path / "in", notes=(Note(note_number="N2", contact_number="K-1", text=TEXT),)
    )
    seen: list[str] = []
    monkeypatch.setattr(remains, "settle", lambda *_: seen.append(note("N2")) or {})

    support.run(plan)

    assert seen
    assert not [typed for typed in EXACT if typed in seen[0]]
    assert Run.objects.get().chunks.filter(removed__contacts_note=1).count() == 1


@pytest.fixture
def arriving(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let a note arrive after the last stroke, before the last search."""

    def let(number: str, text: str) -> None:
        clear = tickets.clear

        def first_write(setting: chunks.Setting) -> Iterator[tickets.Step]:
            write_note(number, text)
            yield from clear(setting)

        monkeypatch.setattr(tickets, "clear", first_write)

    return let


def test_what_arrives_during_the_run_is_redacted_in_the_end(
    database: str, tmp_path: Path, arriving: Callable[[str, str], None]
) -> None:
    plan = planned(tmp_path / "in")
    arriving("late", f"Late: {EXACT[0]}, {NAMES[0]}")

    run = support.run(plan)

    assert run.state == "done", run.audits
    assert note("late") == f"Late: [removed], {NAMES[0]}"
    assert findings(done="redacted", column_name="text") == 1
    assert findings(done="listed", column_name="text", kind="name") == 1


def test_what_cannot_be_redacted_makes_the_run_incomplete_and_it_goes_on(
    database: str,
    tmp_path: Path,
    arriving: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = planned(tmp_path / "in")
    arriving("late", f"Late: {EXACT[0]}")
    monkeypatch.setattr(residue, "TRIES", 2)
    take_out = residue._take_out_everywhere
    with psycopg.connect(database) as somebody:

        def while_locked(*arguments: Any) -> None:
            somebody.execute("SELECT FROM contacts_note WHERE note_number = 'late' FOR UPDATE")
            take_out(*arguments)

        monkeypatch.setattr(residue, "_take_out_everywhere", while_locked)
        run = support.run(plan)

    assert run.state == "incomplete"
    assert {audit: n for audit, n in run.audits.items() if n} == {
        "residue left in contacts_note.text": 1
    }
    assert note("late") == f"Late: {EXACT[0]}"
    assert len(left_files()) == 2
    monkeypatch.setattr(residue, "_take_out_everywhere", take_out)
    monkeypatch.setattr(tickets, "clear", lambda _: iter(()))
    again = support.run(plan)
    assert again.state == "done", again.audits
    assert note("late") == "Late: [removed]"
    assert left_files() == []


def test_what_somebody_else_has_too_stays_and_is_listed(database: str, tmp_path: Path) -> None:
    support.imported(
        house(
            notes=(
                Note(note_number="mail", contact_number="K-1", text="x anna.s@example.org x"),
                Note(
                    note_number="phone", contact_number="K-1", text="x 044 123 45 67, +41441234567"
                ),
                Note(note_number="ticket", contact_number="K-1", text="x ben@example.org"),
                Note(note_number="order", contact_number="K-1", text="x 90001234"),
                Note(note_number="own", contact_number="K-1", text="x anna.s1"),
            )
        ),
        tmp_path / "in",
    )
    kay = contact_of("K-1")
    kay.email, kay.mobile = "ANNA.S@example.org", "0041 (0)44 123 45 67"
    kay.save()
    sql.execute(
        "UPDATE sales_order_line SET beneficiary_email = 'Ben@example.org' WHERE valid_until > '2026-01-01'"
    )
    sql.execute("UPDATE sales_order SET order_number = '90001234' WHERE order_number = 'new'")
    plan = support.approved(support.simulated())

    run = support.run(plan)

    assert run.state == "done", run.audits
    assert note("mail") == "x anna.s@example.org x"
    assert note("phone") == "x 044 123 45 67, +41441234567"
    assert note("ticket") == "x ben@example.org"
    assert note("order") == "x 90001234"
    assert note("own") == "x [removed]"
    assert findings(done="shared") == 4
    assert findings(done="redacted") == 1


def test_several_numbers_and_names_in_a_column_are_searched_for(
    database: str, tmp_path: Path
) -> None:
    dora = about(
        ANNA, contact_number="KN-100124", email="Dora Dietz <dora@example.org>", login=None,
        phone="079 222 33 44 / 079 222 33 55", mobile=None,
    )  # fmt: skip
    text = "x dora@example.org, 0792223344, 079 222 33 55, 079 222 33 66"
    notes = (Note(note_number="N2", contact_number="K-1", text=text),)
    run = support.run(planned(tmp_path / "in", dora, notes=notes))
    assert run.state == "done", run.audits
    assert note("N2") == "x [removed], [removed], [removed], 079 222 33 66"


@pytest.mark.parametrize(
    ("struck", "held"),
    [
        ({"phone": "044 333 44 55"}, {"phone": "+41 44 333 44 55"}),
        ({"phone": "+41 44 333 44 55"}, {"mobile": "0443334455"}),
        ({"phone": "044 333 44 55"}, {"mobile": "044 333 44 55 / 079 999 88 77"}),
        ({"phone": "044 333 44 55"}, {"mobile": "079 999 88 77 044 333 44 55"}),
        ({"phone": "044 333 44 55"}, {"mobile": "044 333 44 55 / 56"}),
        ({"email": "family@example.org"}, {"email": "Kay Kept <Family@example.org>"}),
        ({"email": "family@example.org"}, {"email": "mailto:family@example.org"}),
        ({"email": "Anna <family@example.org>"}, {"email": "x@example.org/family@example.org"}),
    ],
)
def test_what_somebody_else_has_stays_however_they_wrote_it(
    database: str, tmp_path: Path, struck: dict[str, str], held: dict[str, str]
) -> None:
    text = "x 044 333 44 55, +41443334455, family@example.org, nobody@example.org"
    notes = (Note(note_number="N2", contact_number="K-1", text=text),)
    bare = {"phone": None, "mobile": None, "login": None, "email": "nobody@example.org"}
    emails = f"nobody@example.org, {struck['email']}" if "email" in struck else bare["email"]
    nobody = about(ANNA, contact_number="KN-100124", **bare | struck | {"email": emails})
    support.imported(house(nobody, notes=notes), tmp_path / "in")
    kay = contact_of("K-1")
    for column, value in held.items():
        setattr(kay, column, value)
    kay.save()
    run = support.run(support.approved(support.simulated()))
    assert run.state == "done", run.audits
    assert note("N2") == text.replace("nobody@example.org", "[removed]")
    assert findings(done="shared")


def test_an_answer_for_an_email_and_a_login_that_is_a_number_hold_it_too(
    database: str, tmp_path: Path
) -> None:
    notes = (
        Note(note_number="N2", contact_number="K-1", text="x ben@example.org"),
        Note(note_number="N3", contact_number="K-1", text="x 0797654321, Nr 90001234"),
    )
    support.imported(house(notes=notes), tmp_path / "in")
    sql.execute("UPDATE sales_answer SET type = 'email', answer = 'BEN@example.org'")
    kay = contact_of("K-1")
    kay.login, kay.mobile = "0797654321", "9000 12 34"
    kay.save()
    plan = support.approved(support.simulated())
    run = support.run(plan)
    assert run.state == "done", run.audits
    assert (note("N2"), note("N3")) == (notes[0].text, notes[1].text)
    sql.execute("UPDATE sales_answer SET type = 'text'")
    [table] = [t for t in texts.identifying() if t.name == "sales_answer"]
    assert [row[1] for row in erasure.read(table, [1])] == [None]


def test_own_tickets_that_go_too_do_not_hold_anything_back(database: str, tmp_path: Path) -> None:
    support.imported(
        house(notes=(Note(note_number="N2", contact_number="K-1", text="x ben@example.org"),)),
        tmp_path / "in",
    )
    sql.execute(
        "UPDATE sales_order_line SET beneficiary_email = 'ben@example.org' WHERE valid_until < '2026-01-01'"
    )
    plan = support.approved(support.simulated())
    assert support.run(plan).state == "done"
    assert note("N2") == "x [removed]"
    assert Run.objects.get().chunks.filter(removed__contacts_note=1).count() == 1


@pytest.mark.parametrize("rows_at_once", [1, 100])
def test_what_several_who_go_share_goes_when_all_are_gone(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(lanes, "FIRST_CHUNK", rows_at_once)
    monkeypatch.setattr(lanes, "LARGEST_CHUNK", rows_at_once)
    spouse = about(
        ANNA, contact_number="KN-100124", first_name="Sam", phone=None, mobile=None, login=None
    )
    notes = (Note(note_number="N2", contact_number="K-1", text="x anna.s@example.org"),)
    plan = planned(tmp_path / "in", spouse, notes=notes)
    assert plan.totals["outcomes"]["delete"] == 2
    assert support.run(plan).state == "done"
    assert note("N2") == "x [removed]"
    assert findings(done="shared") == 0


def test_identifiers_of_whoever_came_back_stay(database: str, tmp_path: Path) -> None:
    spouse = about(
        ANNA, contact_number="KN-100124", first_name="Sam", phone=None, mobile=None, login="sam.s22"
    )
    text = "x anna.s@example.org anna.s1 sam.s22 KN-100124 KN-100123"
    notes = (Note(note_number="N2", contact_number="K-1", text=text),)
    plan = planned(tmp_path / "in", spouse, notes=notes)
    assert plan.totals["outcomes"]["delete"] == 2
    came_back = contact_of("KN-100124")
    came_back.clicks.create(click_number="back", link="x", clicked_at=RECENT, automated=False)

    run = support.run(plan)

    assert run.state == "done", run.audits
    assert queries.standing(run).requalified == 1
    assert note("N2") == "x anna.s@example.org [removed] sam.s22 KN-100124 [removed]"
    assert findings(done="shared", kind="email") == 1


def test_somebody_who_buys_with_the_address_during_the_run_keeps_it(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = (Note(note_number="N2", contact_number="K-1", text="x anna.s@example.org anna.s1"),)
    plan = planned(tmp_path / "in", notes=notes)
    search = remains.search

    def then_somebody_buys(*arguments: Any) -> Any:
        known = search(*arguments)
        sql.execute(
            "INSERT INTO sales_order_line (order_id, line, product_id, kind, state, price, beneficiary_email)"
            " SELECT order_id, 2, product_id, kind, state, price, 'anna.s@example.org'"
            " FROM sales_order_line WHERE valid_until > '2026-01-01'"
        )
        return known

    monkeypatch.setattr(remains, "search", then_somebody_buys)
    run = support.run(plan)
    assert run.state == "done", run.audits
    assert note("N2") == "x anna.s@example.org [removed]"


def test_a_contact_changed_after_the_search_is_searched_as_it_was_struck(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = (
        Note(note_number="N2", contact_number="K-1", text="x anna.s@example.org"),
        Note(note_number="N3", contact_number="K-1", text="x anna.new@example.org"),
    )
    plan = planned(tmp_path / "in", notes=notes)
    search = remains.search

    def then_she_moves(*arguments: Any) -> Any:
        known = search(*arguments)
        anna = contact_of(ANNA.contact_number)
        anna.email = "anna.new@example.org"
        anna.save()
        return known

    monkeypatch.setattr(remains, "search", then_she_moves)
    run = support.run(plan)
    assert run.state == "done", run.audits
    assert (note("N2"), note("N3")) == ("x [removed]", "x [removed]")


def test_texts_that_must_differ_still_do(database: str, tmp_path: Path) -> None:
    plan = planned(tmp_path / "in")
    kay = contact_of("K-1")
    for typed in (EXACT[0], EXACT[5]):
        kay.holds.create(reason=f"ask {typed}")
    run = support.run(plan)
    assert run.state == "done", run.audits
    reasons = set(kay.holds.values_list("reason", flat=True))
    assert len(reasons) == 3
    assert {reason[:13] for reason in reasons} == {"x", "ask [removed "}


def test_a_pause_is_heard_during_the_searches(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(
        tmp_path / "in", notes=(Note(note_number="N2", contact_number="K-1", text=TEXT),)
    )
    for name in ("begin", "settle"):
        listening = Control()
        step = getattr(residue, name)

        def asked(*arguments: Any, step: Any = step, listening: Control = listening) -> Any:
            assert listening.can_pause
            listening.interrupted = True
            return step(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(residue, name, asked)
            run = support.run(plan, control=listening)
        assert (run.state, run.audits) == ("paused", None)
        struck = queries.standing(run).struck
        assert (struck, len(left_files())) == ((0, 0) if name == "begin" else (2, 2))
    assert support.run(plan).state == "done"
    assert not [typed for typed in EXACT if typed in note("N2")]
    assert left_files() == []


def paused_after_the_first(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Run:
    """One contact is struck, one waits."""
    monkeypatch.setattr(lanes, "FIRST_CHUNK", 1)
    monkeypatch.setattr(lanes, "LARGEST_CHUNK", 1)
    monkeypatch.setattr(lanes, "LANES", 1)
    listening = Control()
    strike = chunks.strike

    def once(*arguments: Any) -> Any:
        listening.interrupted = True
        return strike(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(chunks, "strike", once)
        run = support.run(plan, control=listening)
    assert (run.state, queries.standing(run).struck) == ("paused", 1)
    return run


def test_who_has_what_is_looked_up_again_when_a_run_goes_on(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = (Note(note_number="N2", contact_number="K-1", text="x anna.s@example.org anna.s1"),)
    plan = planned(tmp_path / "in", notes=notes)
    run = paused_after_the_first(plan, monkeypatch)
    assert Plan.objects.get().rows.filter(contact__contact_number=ANNA.contact_number).exists()
    kay = contact_of("K-1")
    kay.email = ANNA.email
    kay.save()
    ended = support.run(plan)
    assert (ended.pk, ended.state) == (run.pk, "done"), ended.audits
    assert note("N2") == "x anna.s@example.org [removed]"


def test_a_text_that_the_box_office_holds_is_waited_for(database: str, tmp_path: Path) -> None:
    notes = (Note(note_number="N2", contact_number="K-1", text="x ben@example.org"),)
    plan = planned(tmp_path / "in", notes=notes)
    with psycopg.connect(database) as client:
        client.execute("UPDATE contacts_note SET text = text || ' y' WHERE note_number = 'N2'")
        threading.Timer(1.5, client.commit).start()
        run = support.run(plan)
    assert run.state == "done", run.audits
    assert note("N2") == "x [removed] y"
    assert run.chunks.filter(removed__contacts_note=1).count() == 1


def test_what_must_survive_a_crash_lies_encrypted(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(
        tmp_path / "in", notes=(Note(note_number="N2", contact_number="K-1", text=TEXT),)
    )
    run = paused_after_the_first(plan, monkeypatch)
    files = RunFiles(paths.keys(), institution.current().public_id.hex, remains._label(run))
    kept = b"".join(files.known())
    written = (ANNA.email, BEN.email, ANNA.phone, ANNA.mobile, BEN.login, BEN.contact_number)
    assert not [typed for typed in written if typed.encode() not in kept]
    everything = b"".join(p.read_bytes() for p in paths.keys().rglob("*") if p.is_file())
    assert len(everything) > len(kept)
    for typed in (*written, *EXACT, "example.org"):
        assert typed.lower().encode() not in everything.lower()
    assert support.run(plan).state == "done"
    assert left_files() == []


def test_a_missing_or_tampered_file_stops_the_run_and_a_cancellation_ends_it(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path / "in")
    run = paused_after_the_first(plan, monkeypatch)
    [path] = (paths.keys() / "runs").glob("*.known")
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    with pytest.raises(DidNotHold, match="cannot be read"):
        support.run(plan)
    path.unlink()
    with pytest.raises(DidNotHold, match="not in the key folder"):
        support.run(plan)
    assert queries.standing(run).struck == 1
    path.write_bytes(whole)
    control.cancel(run, now=support.NOW)
    assert len(left_files()) == 2
    remains.forget_ended(support.tokens())
    assert left_files() == []


def test_a_run_that_is_cancelled_leaves_no_files(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fadeout: Callable[..., Any]
) -> None:
    plan = planned(tmp_path / "in")
    run = paused_after_the_first(plan, monkeypatch)
    assert len(left_files()) == 2
    ended = fadeout("cancel", str(run.pk))
    assert ended.returncode == 0, ended.stderr
    assert left_files() == []


def test_files_of_runs_that_the_database_does_not_know_are_cleaned(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in")
    stale = RunFiles(paths.keys(), institution.current().public_id.hex, "9 of a restored database")
    with stale.writing() as put:
        put(b"x")
    assert len(left_files()) == 2
    assert support.run(plan).state == "done"
    assert left_files() == []
    assert not stale.exist()


def test_a_search_tells_how_far_it_is(database: str, tmp_path: Path) -> None:
    plan = planned(tmp_path / "in")
    seen: list[Any] = []
    support.run(plan, progress=seen.append)
    searches = [progress for progress in seen if progress.stage == "searching for residue"]
    assert max(progress.done for progress in searches) > 5
    assert all(progress.done <= progress.total for progress in searches)


def test_the_command_lists_what_is_to_be_judged(
    database: str, tmp_path: Path, fadeout: Callable[..., Any]
) -> None:
    text = f"x {NAMES[0]} {EXACT[0]}"
    plan = planned(
        tmp_path / "in", notes=(Note(note_number="N2", contact_number="K-1", text=text),)
    )
    sql.execute("UPDATE contacts_hold SET owner = 'for Ben Özil'")
    run = support.run(plan)
    shown = fadeout("residue", str(run.pk), "--csv", tmp_path / "list.csv")
    assert shown.returncode == 0, shown.stderr
    assert "taken out" in shown.stdout
    assert "N2" in shown.stdout
    assert "anna" not in shown.stdout.lower()
    rows = (tmp_path / "list.csv").read_text().splitlines()
    assert rows[0] == "table,column,row,key,kind,done,times"
    assert {row.split(",")[3] for row in rows[1:]} == {"N2", "K-1"}
    assert "2 texts are for a person to judge" in fadeout("status", str(run.pk)).stdout
    judged = fadeout("residue", str(run.pk), "--judged", "--by", "Ruth")
    assert judged.returncode == 0, judged.stderr
    entry = Entry.objects.get(kind=Kind.RESIDUE)
    assert (entry.actor, entry.facts) == (
        support.operator("Ruth").public_id,
        {"run": run.pk, "judged": 2},
    )
    assert "2 texts are judged" in judged.stderr
    assert not Finding.objects.filter(row__isnull=False).exists()
    assert fadeout("residue", "99").returncode == 2
