"""The pages of targets: asked without scripts, counted, frozen, taken; and who sees names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import Role
from fadeout.core import clock
from fadeout.ledger.models import Entry, Kind
from fadeout.targets import operations, queries
from fadeout.targets.models import Target
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.contacts.people import imported

LIST = "/audience/targets/"


@pytest.fixture
def marketer(database: str, tmp_path: Path) -> Client:
    """Mia, who may not find contacts; nine people are on file."""
    imported(tmp_path / "in")
    return signed_in(somebody(Role.MARKETER, name="Mia"))


def made(name: str = "Swiss", *parts: dict[str, Any]) -> Target:
    asked = parts or ({"on": "country", "test": "is", "value": "CH"},)
    return operations.add(
        name=name, conditions={"all": list(asked)}, by=support.operator(), now=clock.now()
    )


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form of a draft, buttons apart."""
    form = page[page.index('<form method="post" class="stack"') :]
    given = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = (re.search(rf'{a}="([^"]*)"', tag) for a in ("name", "value"))
        if name and name[1] != "csrfmiddlewaretoken":
            given[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        given[name] = chosen[1] if chosen else ""
    return given


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_target_is_made_button_by_button_without_scripts(marketer: Client) -> None:
    given = fields(text(marketer.get(f"{LIST}new/")))
    assert (given["how:"], given["on:0"], given["test:0"]) == ("all", "recency", "before")
    wrong = marketer.post(f"{LIST}new/", given | {"name": "x", "save": "1"})
    assert wrong.status_code == 422
    assert "Something is missing" in text(wrong)
    page = text(marketer.post(f"{LIST}new/", given | {"on:0": "country", "do": "show"}))
    page = text(marketer.post(f"{LIST}new/", fields(page) | {"value:0": "CH", "do": "group:"}))
    page = text(marketer.post(f"{LIST}new/", fields(page) | {"do": "add:1"}))
    given = fields(page)
    assert {"how:1", "on:1.0", "on:1.1"} <= set(given)
    given |= {"on:1.0": "kind", "on:1.1": "language"}
    page = text(marketer.post(f"{LIST}new/", given | {"do": "show"}))
    given = fields(page) | {"value:1.0": "structure", "value:1.1": "de"}
    page = text(marketer.post(f"{LIST}new/", given | {"do": "show"}))
    assert "<h2>2 contacts</h2>" in page
    saved = marketer.post(f"{LIST}new/", fields(page) | {"name": " German  Swiss ", "save": "1"})
    assert saved.status_code == 302
    target = Target.objects.get()
    assert target.name == "German Swiss"
    assert target.conditions == {"all": [
        {"on": "country", "test": "is", "value": "CH"},
        {"any": [
            {"on": "kind", "test": "is", "value": "structure"},
            {"on": "language", "test": "is", "value": "de"},
        ]},
    ]}  # fmt: skip
    again = marketer.post(f"{LIST}new/", fields(page) | {"name": "Another", "save": "1"})
    assert again.headers["Location"] == saved.headers["Location"]  # sent twice, made once
    assert Target.objects.count() == 1
    page = text(marketer.get(f"{LIST}{target.public_id}/change/"))
    page = text(
        marketer.post(f"{LIST}{target.public_id}/change/", fields(page) | {"do": "remove:1"})
    )
    assert "on:1.0" not in fields(page)
    changed = marketer.post(
        f"{LIST}{target.public_id}/change/", fields(page) | {"value:0": "FR", "save": "1"}
    )
    assert changed.status_code == 302
    target.refresh_from_db()
    assert target.conditions == {"all": [{"on": "country", "test": "is", "value": "FR"}]}


def test_the_count_follows_what_is_typed(marketer: Client) -> None:
    typed = {"how:": "all", "on:0": "country", "test:0": "is", "value:0": "CH"}
    draft = f"{LIST}draft/"
    counted = marketer.post(draft, typed, headers={"HX-Request": "true", "HX-Target": "found"})
    assert "<h2>2 contacts</h2>" in text(counted)
    assert "<select" not in text(counted)
    redrawn = marketer.post(
        draft, typed | {"on:0": "recency"}, headers={"HX-Request": "true", "HX-Target": "asked"}
    )
    assert 'name="test:0"' in text(redrawn)
    assert "Not whole yet" in text(redrawn)
    assert marketer.get(draft).status_code == 405


def test_a_mistake_is_told_at_its_field(marketer: Client) -> None:
    typed = {
        "how:": "all", "on:0": "recency", "test:0": "before", "value:0": "20241301",
        "how:1": "any", "name": "x", "save": "1",
    }  # fmt: skip
    answer = marketer.post(f"{LIST}new/", typed)
    page = text(answer)
    assert answer.status_code == 422
    assert re.search(r'name="value:0"[^>]*aria-invalid="true"', page)
    assert "That is no day" in page
    assert "The group is empty" in page
    assert not Target.objects.exists()
    made("x")
    typed = {"how:": "all", "on:0": "email", "test:0": "set", "name": "x", "save": "1"}
    taken = marketer.post(f"{LIST}new/", typed)
    assert taken.status_code == 422
    assert "There is a target of this name already" in text(taken)


def test_names_are_for_those_who_may_find_contacts(marketer: Client) -> None:
    target = made()
    page = text(marketer.get(f"{LIST}{target.public_id}/"))
    assert "2 contacts are in “Swiss”." in page
    assert "German" in page
    assert not re.search("Müller|1001|Example.org", page)
    assert marketer.post(f"{LIST}{target.public_id}/why/", {"number": "1001"}).status_code == 403
    assert marketer.post(f"{LIST}{target.public_id}/list/").status_code == 403
    dpo = signed_in(somebody(Role.DPO, name="Dora"))
    assert "Anna Müller" in text(dpo.get(f"{LIST}{target.public_id}/"))


def test_why_somebody_is_in_is_asked_by_number_and_no_address_has_it(marketer: Client) -> None:
    target = made(
        "Swiss", {"on": "country", "test": "is", "value": "CH"}, {"on": "email", "test": "set"}
    )
    dpo = signed_in(somebody(Role.DPO, name="Dora"))
    why = f"{LIST}{target.public_id}/why/"
    told = {}
    for number in ("1001", "2001", "nobody"):
        answer = dpo.post(why, {"number": number})
        assert (answer.status_code, answer.headers["Location"]) == (302, why)
        told[number] = text(dpo.get(why))
    assert "Contact 1001 is in." in told["1001"]
    assert "Contact 2001 is not in." in told["2001"]
    assert "On file: Switzerland" in told["2001"]
    assert "On file: not on file" in told["2001"]
    assert "There is no contact nobody on file." in told["nobody"]
    assert dpo.post(why, {"number": ""}).status_code == 422


def test_the_list_is_taken_by_those_who_may_and_put_on_record(marketer: Client) -> None:
    target = made("Numbered", {"on": "kind", "test": "is", "value": "individual"})
    dora = somebody(Role.DPO, name="Dora")
    dpo = signed_in(dora)
    url = f"{LIST}{target.public_id}/list/"
    assert dpo.get(url).status_code == 405
    answer: Any = dpo.post(url)
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("contact_number,kind,title,first_name")
    assert len(lines) == 8
    assert any("Anna,Müller,Anna.Mueller@Example.org" in line for line in lines)
    entry = Entry.objects.get(kind=Kind.TARGET)
    assert entry.facts == {"target": str(target.public_id), "done": "exported", "contacts": 7}
    assert entry.actor == dora.operator.public_id
    assert "The list of a target was taken." in text(dpo.get("/ledger/"))


def test_frozen_removed_and_what_needs_it(marketer: Client) -> None:
    target = made()
    freeze = f"{LIST}{target.public_id}/freeze/"
    given = re.search(r'name="key" value="([^"]+)"', text(marketer.get(freeze)))
    assert given
    sent = {"name": "Swiss, frozen", "key": given[1]}
    frozen = marketer.post(freeze, sent)
    assert frozen.status_code == 302
    assert marketer.post(freeze, sent).headers["Location"] == frozen.headers["Location"]
    assert "2 contacts are in “Swiss, frozen”." in text(marketer.get(frozen.headers["Location"]))
    assert marketer.post(freeze, {"name": "Swiss"}).status_code == 422
    other = made("Other", {"on": "target", "test": "is", "value": str(target.public_id)})
    remove = f"{LIST}{target.public_id}/remove/"
    refused = marketer.post(remove)
    assert refused.status_code == 422
    assert "<li>Other</li>" in text(refused)
    assert "in the target “Swiss”" in text(marketer.get(LIST))
    for gone in (other, target):
        assert marketer.post(f"{LIST}{gone.public_id}/remove/").status_code == 302
    assert [one.name for one in queries.all_targets()] == ["Swiss, frozen"]
    assert marketer.get(f"{LIST}{target.public_id}/").status_code == 404


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(marketer: Client) -> None:
    target = made()
    change = f"{LIST}{target.public_id}/change/"
    given = fields(text(marketer.get(change)))
    operations.change(
        target, name="Swiss", conditions={"all": [{"on": "country", "test": "is", "value": "FR"}]},
        seen=target.stamp, by=support.operator(), now=clock.now(),
    )  # fmt: skip
    answer = marketer.post(change, given | {"save": "1"})
    assert answer.status_code == 409
    assert "country: France" in text(answer)
    assert marketer.post(change, fields(text(answer)) | {"save": "1"}).status_code == 302
    target.refresh_from_db()
    assert target.conditions == {"all": [{"on": "country", "test": "is", "value": "CH"}]}


def test_lists_cost_no_query_for_each_target(marketer: Client) -> None:
    costs = []
    for number in range(2):
        for one in range(3):
            made(f"{number} {one}", {"on": "organisation", "test": "is", "value": "opera"})
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert marketer.get(LIST).status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]
