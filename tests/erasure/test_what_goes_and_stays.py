"""The table "What goes and what stays", line by line, against the plain model and by hand."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from fadeout.connectors.exchange.operations import export_exchange, import_exchange
from fadeout.core import sql
from fadeout.core.postgres.binaries import program
from fadeout.runs import queries
from tests import support
from tests.model.house import (
    ROW_TYPES,
    AccountEntry,
    Answer,
    Authorisation,
    Click,
    Contact,
    Criterion,
    Hold,
    House,
    Note,
    OrderLine,
    Payment,
    WaitingListEntry,
    at,
    key,
    read_csv,
)
from tests.model.rules import after_run, anonymous_number, exported, simulate
from tests.plans.house import (
    OLD,
    RECENT,
    contact,
    contact_ids,
    everything,
    house,
    line,
    order,
    sale,
)

#: A plan counts its own rows before it has them all.
NOT_COMPARED = ("plans_plan_row",)
PARAMETERS: dict[str, Any] = {
    "as_of": support.AS_OF,
    "months": 36,
    "time_zone": support.TIME_ZONE,
}
TYPED: dict[str, Any] = {
    "beneficiary_first_name": "Zoë",
    "beneficiary_last_name": "Zett",
    "beneficiary_email": "zoe@example.org",
    "beneficiary_birth_date": date(1980, 1, 1),
    "beneficiary_country": "FR",
}
UNTYPED: dict[str, Any] = {**dict.fromkeys(TYPED), "beneficiary_country": "FR"}


def full(number: str, **columns: Any) -> Contact:
    """A contact with something in every column."""
    return replace(
        Contact(
            contact_number=number, kind="relay", structure="school", title="Dr", first_name="Ann",
            last_name=f"Ace {number}", birth_date=date(1970, 1, 1), language="fr",
            email=f"{number}@example.org", phone="1", mobile="2", street="3 High Street",
            street2="Flat 4", postcode="1200", town="Genève", country="CH", login=f"login {number}",
            email_validated_at=OLD, remark="allergic", created_at=at("2014-12-31T23:30:00Z"),
            created_by="kept",
        ),
        **columns,
    )  # fmt: skip


def about(number: str) -> tuple[Any, ...]:
    """A row in every file that is only about a contact; none of them counts as activity."""
    return (
        WaitingListEntry(
            entry_number=f"w {number}", contact_number=number, organisation="opera",
            product="play", added_at=OLD,
        ),
        Click(click_number=f"c {number}", contact_number=number, clicked_at=OLD),
        Criterion(contact_number=number, changed_at=OLD, value="jazz"),
        Authorisation(contact_number=number, changed_at=OLD, value="yes", wording="I agree"),
        Hold(contact_number=number, reason="court", until=date(2020, 1, 1), owner="DPO", created_at=OLD),
        Note(note_number=f"n {number}", contact_number=number, text="called"),
        AccountEntry(
            entry_number=f"+ {number}", contact_number=number, organisation="shop",
            amount=Decimal("5.55"), label=f"gift of {number}", currency="CHF",
        ),
        AccountEntry(
            entry_number=f"- {number}", contact_number=number, organisation="shop",
            amount=Decimal("-5.55"), label=f"gift of {number}", currency="CHF",
        ),
    )  # fmt: skip


def written(number: str, buyer: str | None, lines: tuple[OrderLine, ...], **columns: Any) -> Any:
    """An order with remark, IP address and an answer for each line."""
    return (
        order(number, buyer, ip_address="192.0.2.1", remark=f"remark {number}", **columns),
        *(replace(each, line=n + 1) for n, each in enumerate(lines)),
        *(
            Answer(order_number=number, line=n + 1, question="Diet?", answer="nuts")
            for n in range(len(lines))
        ),
    )


#: Of an undated product, so that no recency comes of it, and not outlived.
YOUNG: dict[str, Any] = {"valid_until": RECENT, **TYPED}


def whole_table() -> House:
    return house(
        contact("school", kind="structure"),
        full("deleted"), full("anonymised"), full("cultural"), full("guest"),
        full("kept", structure="school", created_at=RECENT, created_by="deleted"),
        full("held", created_by="anonymised", roles=("guide", "supplier")),
        contact("family", created_at=RECENT, created_by="anonymised"),
        Click(click_number="recent", contact_number="kept", clicked_at=RECENT),
        *about("deleted"), *about("anonymised"), *about("kept"), *about("held"),
        # Bought: as purchase contact, as cultural contact, an option only.
        *written("bought", "anonymised", (line("bought", **YOUNG), line("bought", **YOUNG))),
        *written("for another", "kept", (line("for another", beneficiary_contact="kept", **YOUNG),),
                 cultural_contact="cultural"),
        *written("option", "deleted", (line("option", kind="option", state="lapsed", **YOUNG),)),
        # Benefited: the one line alone.
        *written("guests", "kept", (
            line("guests", beneficiary_contact="guest", **YOUNG), line("guests", **YOUNG),
        )),
        *written("guest of an option", None, (
            line("guest of an option", kind="option", state="cancelled",
                 beneficiary_contact="deleted", **YOUNG),
        )),
        # Whatever the contact's own recency.
        *written("old", "kept", (line("old", **TYPED),)),
        *written("old, of somebody held", "held", (line("old, of somebody held", **TYPED),)),
        *written("walk-up", None, (line("walk-up", **TYPED),)),
        *written("half old", None, (line("half old", **TYPED), line("half old", **YOUNG))),
        *written("without lines", None, ()),
        *written("young without lines", None, (), ordered_at=RECENT),
        *written("lapsed with a future", None, (
            line("lapsed with a future", product="play", state="lapsed", valid_from=RECENT,
                 valid_until=at("2030-01-01T00:00:00Z"), **TYPED),
        )),
        *written("ended before it began", None, (
            line("ended before it began", product="play", state="returned", valid_until=OLD, **TYPED),
        ), ordered_at=RECENT),
        *sale("paid", "anonymised", "99.95"), *sale("gift", "kept", "0.05", cultural_contact="deleted"),
        *sale("of a walk-up", None, "7.00"),
        Payment(payment_number="later", order_number="bought", amount=Decimal("1.50"), paid_at=RECENT),
        Payment(payment_number="back", order_number="bought", amount=Decimal("-1.50"), paid_at=RECENT),
    )  # fmt: skip


def run_on(of: House, folder: Path) -> None:
    support.imported(of, folder)
    assert support.run(support.approved(support.simulated())).state == "done"


def file_of(of: House, name: str) -> list[Any]:
    return sorted(getattr(of, name), key=lambda row: tuple(map(str, key(row))))


def assert_same_files(found: House, expected: House) -> None:
    for name in ROW_TYPES:
        assert file_of(found, name) == file_of(expected, name), name


def test_an_export_after_a_run_is_what_the_model_says(database: str, tmp_path: Path) -> None:
    of = whole_table()
    rows = simulate(of, **PARAMETERS)
    assert {row.contact_number: row.outcome for row in rows} == {
        "school": "keep", "kept": "keep", "held": "keep", "family": "keep",
        "deleted": "anonymise", "anonymised": "anonymise", "cultural": "anonymise", "guest": "anonymise",
    }  # fmt: skip
    run_on(of, tmp_path / "in")
    export_exchange(path=tmp_path / "out")
    expected = exported(after_run(of, rows, **PARAMETERS))
    assert_same_files(read_csv(tmp_path / "out"), expected)


def as_deleted() -> House:
    """The same, with ``deleted`` a prospect indeed."""
    whole = whole_table()
    return replace(
        whole,
        orders=tuple(
            replace(each, cultural_contact=None) if each.order_number == "gift" else each
            for each in whole.orders
        ),
    )


def test_a_deleted_prospect_leaves_orders_and_money_without_itself(
    database: str, tmp_path: Path
) -> None:
    of = as_deleted()
    rows = simulate(of, **PARAMETERS)
    assert {r.contact_number for r in rows if r.outcome == "delete"} == {"deleted"}
    run_on(of, tmp_path / "in")
    assert_same_files(
        read_csv(export_to(tmp_path / "out")), exported(after_run(of, rows, **PARAMETERS))
    )
    assert sql.rows(
        "SELECT entry_number, contact_id, amount, label FROM sales_account_entry"
        " WHERE entry_number LIKE '%% deleted' ORDER BY 1",
    ) == [("+ deleted", None, Decimal("5.55"), None), ("- deleted", None, Decimal("-5.55"), None)]
    assert sql.rows(
        "SELECT o.purchase_contact_id, o.remark, o.ip_address, l.state, l.beneficiary_last_name,"
        " l.beneficiary_country, a.answer FROM sales_order AS o"
        " JOIN sales_order_line AS l ON l.order_id = o.id"
        " JOIN sales_answer AS a ON a.order_line_id = l.id WHERE o.order_number = 'option'"
    ) == [(None, None, None, "lapsed", None, "FR", None)]


def export_to(folder: Path) -> Path:
    export_exchange(path=folder)
    return folder


def test_the_rows_that_anonymisation_leaves_are_what_the_model_says(
    database: str, tmp_path: Path
) -> None:
    of = as_deleted()
    columns = (
        "kind", "structure_id", "title", "first_name", "last_name", "birth_date", "language",
        "email", "phone", "mobile", "street", "street2", "postcode", "town", "country", "login",
        "email_validated_at", "remark", "photo", "preferences", "created_at", "created_by_id",
    )  # fmt: skip
    support.imported(of, tmp_path / "in")
    numbers = contact_ids()
    public_ids = dict(sql.rows("SELECT id, public_id FROM contacts_contact"))
    plan = support.approved(support.simulated())
    assert support.run(plan).state == "done"
    struck = [numbers[name] for name in ("anonymised", "cultural", "guest")]
    found = sql.rows(
        f"SELECT {', '.join(columns)} FROM contacts_contact WHERE id = ANY(%(ids)s)",
        {"ids": struck},
    )
    # 31 December 23:30 UTC is New Year in Zurich already: 1 January 2015 at local midnight.
    new_year = datetime(2014, 12, 31, 23, tzinfo=UTC)
    assert found == [
        (
            "relay", None, None, "XXXXXXXX", "XXXXXXXX", None, None, None, None, None, None, None,
            "1200", "Genève", "CH", None, None, None, None, None, new_year, None,
        )
    ] * 3  # fmt: skip
    new = sql.rows(
        "SELECT id, contact_number, public_id, anonymised_on, coarse_origin FROM contacts_contact"
        " WHERE id = ANY(%(ids)s)",
        {"ids": struck},
    )
    assert len({number for _, number, *_ in new}) == 3
    for contact_id, number, public_id, anonymised_on, coarse in new:
        assert number not in numbers
        assert public_id != public_ids[contact_id]
        assert (anonymised_on, coarse) == (support.AS_OF, "CH-12")
    links = sql.rows(
        "SELECT o.order_number, o.purchase_contact_id, o.cultural_contact_id FROM sales_order AS o"
        " WHERE o.order_number IN ('bought', 'for another') ORDER BY 1"
    )
    assert links == [
        ("bought", numbers["anonymised"], None),
        ("for another", numbers["kept"], numbers["cultural"]),
    ]
    assert sql.rows(
        "SELECT beneficiary_contact_id FROM sales_order_line AS l JOIN sales_order AS o"
        " ON o.id = l.order_id WHERE o.order_number = 'guests' AND line = 1"
    ) == [(numbers["guest"],)]
    assert sql.rows(
        "SELECT contact_id, amount, label FROM sales_account_entry WHERE entry_number = '+ anonymised'"
    ) == [(numbers["anonymised"], Decimal("5.55"), None)]


def test_the_model_says_by_hand_what_is_left_of_each_order(database: str, tmp_path: Path) -> None:
    """The model could be wrong as Fadeout is: the lines of the table once more, by hand."""
    of = as_deleted()
    run_on(of, tmp_path / "in")
    left = read_csv(export_to(tmp_path / "out"))
    assert sorted(o.order_number for o in left.orders if o.remark and o.ip_address) == [
        "guest of an option",
        "guests",
        "half old",
        "lapsed with a future",
        "young without lines",
    ]
    typed = {(x.order_number, x.line): x.beneficiary_last_name for x in left.order_lines}
    assert [place for place, name in sorted(typed.items()) if name] == [
        ("guests", 2),
        ("half old", 2),
        ("lapsed with a future", 1),
    ]
    assert [(a.order_number, a.line) for a in left.answers if a.answer] == [
        ("guest of an option", 1),
        ("guests", 1),
        ("guests", 2),
        ("half old", 2),
        ("lapsed with a future", 1),
    ]
    assert {x.beneficiary_country for x in left.order_lines} == {"FR", None}
    who = {c.contact_number: (c.created_by, c.structure) for c in left.contacts}
    assert who == {
        "school": (None, None), "kept": (None, "school"), "held": (None, "school"), "family": (None, None),
    }  # fmt: skip
    assert {c.roles for c in left.contacts} == {(), ("guide", "supplier")}


def test_amounts_counts_and_dates_are_the_same_to_the_cent(database: str, tmp_path: Path) -> None:
    queries = {
        "lines": "SELECT id, price, kind, state, valid_from, valid_until, confirmed_at, product_id"
        " FROM sales_order_line ORDER BY id",
        "orders": "SELECT id, order_number, ordered_at, currency, organisation_id FROM sales_order"
        " ORDER BY id",
        "payments": "SELECT * FROM sales_payment ORDER BY id",
        "entries": "SELECT id, entry_number, amount, currency, booked_at FROM sales_account_entry"
        " ORDER BY id",
        "answers": "SELECT id, order_line_id, question, type FROM sales_answer ORDER BY id",
    }
    support.imported(as_deleted(), tmp_path / "in")
    before = {name: sql.rows(query) for name, query in queries.items()}
    assert all(before.values())
    assert support.run(support.approved(support.simulated())).state == "done"
    assert {name: sql.rows(query) for name, query in queries.items()} == before


def test_simulation_counts_what_the_run_then_removes(database: str, tmp_path: Path) -> None:
    support.imported(as_deleted(), tmp_path / "in")
    plan = support.approved(support.simulated())
    run = support.run(plan)
    run.refresh_from_db()
    told = {t: n for t, n in plan.totals["removals"].items() if t not in NOT_COMPARED}
    assert len(told) >= 10
    assert {t: n for t, n in queries.removed(run).items() if t not in NOT_COMPARED} == told


def test_rows_of_plans_keep_outcome_and_state_only(database: str, tmp_path: Path) -> None:
    support.imported(as_deleted(), tmp_path / "in")
    looked_at = support.simulated(months=24)
    plan = support.approved(support.simulated())
    columns = "outcome, state, contact_id, recency_on, activity, reasons, kept_because"
    query = f"SELECT {columns} FROM plans_plan_row WHERE plan_id = %(p)s AND outcome <> 'keep' ORDER BY 1"
    before = sql.rows(query, {"p": plan.pk})
    assert len(before) == 4
    assert all(row[2] and row[3] and row[4] for row in before)
    assert support.run(plan).state == "done"
    nothing = (None,) * 5
    struck = [("anonymise", "struck", *nothing)] * 3 + [("delete", "struck", *nothing)]
    assert sql.rows(query, {"p": plan.pk}) == struck
    waiting = [("anonymise", "pending", *nothing)] * 3 + [("delete", "pending", *nothing)]
    assert sql.rows(query, {"p": looked_at.pk}) == waiting


# -- Old files after a run ---------------------------------------------------------------------


def dumped(url: str) -> str:
    text = subprocess.run(
        [str(program("pg_dump")), "--data-only", "--restrict-key=x", "--dbname", url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return "".join(row for row in text.splitlines(keepends=True) if "pg_catalog.setval" not in row)


def test_an_old_file_imported_again_after_a_run_changes_nothing(
    database: str, tmp_path: Path
) -> None:
    folder = as_deleted().write_csv(tmp_path / "in")
    support.founded()
    import_exchange(path=folder, now=support.NOW, erased=support.tokens())
    assert re.search(r"Ace anonymised|gift of deleted", dumped(database))
    assert support.run(support.approved(support.simulated())).state == "done"
    after = dumped(database)
    assert not re.search(r"Ace (anonymised|deleted)|gift of (anonymised|deleted)", after)

    report = import_exchange(path=folder, now=support.NOW, erased=support.tokens())

    assert report.files["contacts.csv"].skipped_erased == 4
    assert dumped(database) == after

    for name in ("contacts", "organisations", "products"):  # a partial folder: only references
        (folder / f"{name}.csv").unlink()
    import_exchange(path=folder, now=support.NOW, erased=support.tokens())
    assert dumped(database) == after


def test_the_number_of_an_erased_contact_given_to_somebody_new_is_somebody_new(
    database: str, tmp_path: Path
) -> None:
    run_on(house(contact("A"), contact("B")), tmp_path / "in")
    assert contact_ids() == {}
    support.imported(house(contact("A", created_at=RECENT, first_name="Bo")), tmp_path / "new")
    assert contact_ids().keys() == {"A"}


def test_what_a_second_run_finds_nothing_left_to_do(database: str, tmp_path: Path) -> None:
    of = as_deleted()
    run_on(of, tmp_path / "in")
    kept = [r for r in simulate(of, **PARAMETERS) if r.outcome == "keep"]
    tables = (
        "plans_plan", "plans_plan_row", "plans_approval", "plans_outlook", "recency_freshness",
        "runs_run", "runs_chunk", "runs_progress",
        "ledger_entry", "vault_key",
    )  # fmt: skip
    before = everything(*tables)
    again = support.approved(support.simulated())
    assert again.totals["outcomes"] == {"delete": 0, "anonymise": 0, "keep": len(kept)}
    run = support.run(again)
    run.refresh_from_db()
    assert (run.state, queries.removed(run)) == ("done", {})
    assert everything(*tables) == before
    assert anonymous_number("x") not in contact_ids()
