"""A certificate says what was done, in words that promise no more, on a page that runs nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import translation

from fadeout.certificates import content, page, words
from fadeout.certificates.content import Certificate
from fadeout.core import clock, dates, paths
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.core.postgres import dumps
from fadeout.institution import queries as institution
from fadeout.institution.models import Institution
from fadeout.ledger import operations as ledger
from fadeout.ledger import queries
from fadeout.runs import control, record, replay
from fadeout.runs.brakes import Brake
from fadeout.runs.models import Run
from tests import support
from tests.certificates.house import REASON, ran, some_people
from tests.ledger import book
from tests.plans.by_hand import both_and_more

pytestmark = pytest.mark.usefixtures("database")
MARKUP = '<script>alert("1")</script><img src=x onerror=alert(1)>&'


class Parsed(HTMLParser):
    """The tags of a page, its attributes and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def certified(run: Run, until: date | None = None, **more: Any) -> Certificate:
    return content.certificate_of(
        run,
        house=institution.current(),
        now=more.get("now", clock.now()),
        recoverable_until=until,
    )


def html_of(made: Certificate) -> Parsed:
    return Parsed(page.as_html(made))


def test_it_tells_who_did_what_and_when(run: Run) -> None:
    made = certified(run)
    assert [(one["did"], one["name"]) for one in made["people"]] == [
        ("simulated", "Ada"), ("approved", "Bo"), ("lifted a brake", "Ruth"), ("ran", "Cy"),
        ("ended", "Cy"),
    ]  # fmt: skip
    assert made["people"][2]["reason"] == REASON
    text = html_of(made).text
    for name in ("Ada", "Bo", "Ruth", "Cy", REASON, "Theatre", "too large a share"):
        assert name in text, name


def test_it_tells_counts_reasons_tables_policy_and_audits(run: Run) -> None:
    made = certified(run)
    assert made["outcomes"] == {
        "deleted": 2, "anonymised": 1, "requalified": 0, "left": 0, "kept": 2,
    }  # fmt: skip
    assert made["reasons"]["active"] == 2
    assert made["removed"]["contacts_contact"] == 3
    assert made["policy"]["number"] == 3
    assert len(made["audits"]) > 20
    assert not any(made["audits"].values())
    text = html_of(made).text
    assert "no audit found anything" in text
    assert text.count("found nothing") == len(made["audits"]) + len(made["residue"])
    assert "Incomplete" not in text


def test_it_tells_what_stays_and_that_it_may_still_single_somebody_out(run: Run) -> None:
    made = certified(run)
    stays = {(one["table"], one["column"]): one for one in made["stays"]}
    assert stays["contacts_contact", "town"]["why"] == "audience reports by origin must not change"
    assert ("contacts_contact", "email") not in stays
    assert all(one["why"] for one in made["stays"])
    assert "may still single somebody out who holds an old receipt" in html_of(made).text


def test_the_data_is_anonymous_only_once_nothing_can_be_recovered(run: Run) -> None:
    assert certified(run)["data"]["state"] == "anonymous"
    today = clock.local_day(clock.now(), "Europe/Zurich")
    tomorrow = today + timedelta(days=1)
    last = certified(run, until=tomorrow)
    assert (last["data"]["state"], last["data"]["until"]) == (
        "pseudonymised and restricted", tomorrow,
    )  # fmt: skip
    text = html_of(last).text
    assert f"Pseudonymised and restricted until {dates.written(tomorrow)}" in text
    assert "Anonymous:" not in text
    overdue = html_of(certified(run, until=today)).text
    assert f"was to be destroyed on {dates.written(today)} and is still kept" in overdue
    assert "restricted until" not in overdue
    not_destroyed = certified(run, until=today, now=clock.now() + timedelta(days=1))
    assert not_destroyed["data"]["state"] == "pseudonymised and restricted"
    over = certified(run, until=None)
    assert (over["data"]["state"], over["data"]["until"]) == ("anonymous", None)
    assert "Anonymous:" in html_of(over).text


def test_its_head_is_found_again_in_the_ledger(run: Run) -> None:
    made = certified(run)
    printed = made["ledger"]["printed"]
    assert f"fadeout ledger verify --head {printed}" in html_of(made).text
    book.add()
    said, found = book.verified(printed=queries.Printed.read(printed))
    assert (said, "as it was printed" in found.printed) == ([], True)


def test_a_run_that_did_not_end_well_is_called_that(run: Run) -> None:
    made = certified(run)
    made["run"]["state"] = "incomplete"
    made["audits"] = {"contacts left to strike": 3, "rows": 0}
    made["earlier_audits"] = [{"prices changed": 1, "orders changed": 0}]
    parsed = html_of(made)
    assert "Incomplete: this run did not do all" in parsed.text
    assert "3 findings" in parsed.text
    assert "prices changed" in parsed.text
    assert "orders changed" not in parsed.text
    assert ("p", "class", "result bad") in parsed.attributes


def test_a_cancelled_run_is_called_that(run: Run) -> None:
    Run.objects.update(state="incomplete")
    control.cancel(run, now=support.NOW, by=support.operator("Bo"))
    text = html_of(certified(run)).text
    assert "Cancelled: what was struck stays struck" in text
    assert "Asked it to stop" in text


def test_a_certificate_of_contacts_named_by_hand_speaks_of_them_alone(
    database: str, tmp_path: Path
) -> None:
    support.imported(both_and_more(), tmp_path / "in")
    run = support.run(support.approved(support.forgotten("prospect", "active", "sale_to_come")))
    made = certified(run)
    assert made["reasons"] | {"active": 1, "sale_to_come": 1} == made["reasons"]
    told = page.view(made)
    assert ("Contacts named", "3") in told["facts"]
    assert (
        not {"Inactive since before", "Contacts on file at the simulation"}
        & dict(told["facts"]).keys()
    )
    assert told["people"][0]["did"] == "Named them"
    kept = {label: count for label, _, count in told["reasons"]}
    assert kept["Sale still to take place"] == 1
    assert "Active" not in kept  # that only warned: the contact was struck


def test_a_certificate_of_a_replay_speaks_of_whom_the_tokens_found(
    database: str, tmp_path: Path
) -> None:
    support.imported(some_people(), tmp_path / "in")
    dumps.dump(database, tmp_path / "dump.sql")
    support.run(support.approved(support.simulated()))
    connections.close_all()
    dumps.restore(database, tmp_path / "dump.sql")
    plan = replay.plan_replay(
        house=institution.current(), policy=institution.policy_in_force(), by=support.operator(),
        tokens=support.tokens(), now=support.NOW,
    )  # fmt: skip
    assert plan is not None
    told = page.view(certified(support.run(support.approved(plan))))
    assert ("Contacts found by their tokens", "3") in told["facts"]
    assert "Period of inactivity" not in dict(told["facts"])
    assert told["people"][0]["did"] == "Looked for them"


def test_residue_is_told_apart(run: Run) -> None:
    made = certified(run)
    assert made["residue"].keys() > {"residue left in contacts_note.text"}
    assert not made["residue"].keys() & made["audits"].keys()
    assert "Search for residue" in html_of(made).text
    assert made["texts_to_judge"] == 0
    assert "Taken out of texts about others" in html_of(made).text
    made["residue"] = {}
    assert "Search for residue" not in html_of(made).text


def test_whatever_people_typed_is_text_and_not_markup(database: str, tmp_path: Path) -> None:
    run = ran(tmp_path / "in")
    Institution.objects.update(name=MARKUP)
    made = certified(run)
    made["people"][2]["reason"] = MARKUP
    for person in made["people"]:
        person["name"] = MARKUP if person["name"] == "Cy" else person["name"]
    parsed = html_of(made)
    assert parsed.text.count(MARKUP) >= 5
    assert not {"script", "img", "link", "iframe", "object"} & set(parsed.tags)
    assert not [name for _, name, _ in parsed.attributes if name.startswith("on")]


def test_the_page_fetches_nothing_and_can_be_read_by_all(run: Run) -> None:
    html = page.as_html(certified(run))
    parsed = Parsed(html)
    assert not [(t, n, v) for t, n, v in parsed.attributes if n in ("src", "href", "srcset")]
    assert "url(" not in html
    assert "@import" not in html
    assert "://" not in html
    assert ("html", "lang", "en") in parsed.attributes
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html
    assert "@page { size: A4" in html
    assert parsed.tags.count("h1") == 1
    assert ("svg", "role", "img") in parsed.attributes
    identified = [value for _, name, value in parsed.attributes if name == "id"]
    assert len(identified) == len(set(identified))
    labels = {value for _, name, value in parsed.attributes if name == "aria-labelledby"}
    assert labels <= set(identified)


def test_bars_are_as_long_as_their_counts(run: Run) -> None:
    told = page.view(certified(run))
    widths = {bar["said"].partition(":")[0]: float(bar["width"]) for bar in told["bars"]}
    assert widths["Deleted"] == widths["Kept by the plan"] == page.CHART_WIDTH
    assert widths["Anonymised"] == page.CHART_WIDTH / 2
    assert widths["Left to strike"] == 0


def test_it_speaks_the_language_that_is_set(run: Run) -> None:
    made = certified(run)
    with translation.override("de"):
        assert '<html lang="de">' in page.as_html(made)
        audits, tables = page.view(made)["audits"], page.view(made)["removed"]
        assert len(audits) > 20
        assert not {audit.name for audit, *_ in audits} & set(made["audits"])
        assert "Personen und Organisationen im Bestand" in [about for _, about, _ in tables]
    with translation.override("fr"):
        made["plan"]["as_of"] = date(2029, 3, 1)
        assert "au 1er mars 2029" in dict(page.view(made)["facts"])["Plan"]


def test_every_audit_is_called_in_words(run: Run) -> None:
    assert run.audits
    called = {code: words.audit(code) for code in run.audits}
    assert len(called) > 30
    assert not [code for code, audit in called.items() if audit.name == code]
    assert set(words.BRAKES) == set(Brake)


def test_the_json_says_the_same(run: Run) -> None:
    made = certified(run)
    read = json.loads(page.as_json(made))
    assert read["outcomes"] == made["outcomes"]
    assert read["ledger"]["printed"] == made["ledger"]["printed"]
    assert read["plan"]["cutoff"] == "2023-06-01"


def test_an_operator_who_left_and_an_emptied_reason(run: Run) -> None:
    entry = next(one["entry"] for one in certified(run)["people"] if one["brakes"])
    record.empty_texts(entries=[entry], by=support.operator("Bo"), now=support.NOW)
    ledger.empty_name(support.operator("Ruth"), by=support.operator("Bo"), now=support.NOW)
    text = html_of(certified(run)).text
    assert "operator who left" in text
    assert "(the reason was emptied)" in text
    assert "Ruth" not in text
    assert REASON not in text


def test_no_certificate_of_a_run_that_has_not_ended(run: Run) -> None:
    for state in ("running", "paused"):
        run.state = state
        with pytest.raises(BadInput, match="has not ended"):
            certified(run)


def test_no_certificate_from_a_ledger_that_does_not_hold(run: Run) -> None:
    book.tamper("UPDATE ledger_entry SET facts = '{}' WHERE number = 2")
    with pytest.raises(DidNotHold, match="The ledger does not hold: Entry 2 was changed"):
        certified(run)


def test_no_certificate_from_tables_that_say_something_else(run: Run) -> None:
    assert certified(run)
    book.tamper("UPDATE runs_chunk SET removed = '{}'")
    with pytest.raises(DidNotHold, match="No certificate of run 1: Of run 1 the database says"):
        certified(run)


def test_no_certificate_of_a_run_from_before_the_ledger(run: Run) -> None:
    book.tamper("DELETE FROM ledger_text", "DELETE FROM ledger_entry")
    for path in paths.keys().glob("ledger.*"):
        path.unlink()
    book.add()
    with pytest.raises(BadInput, match="before there was a ledger"):
        certified(run)
