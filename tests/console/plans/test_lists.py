"""The list of a plan on its page: filtered, sorted, searched, downloaded; and what changed."""

from __future__ import annotations

import csv
import html
import io
import re
import tempfile
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from fadeout.accounts.permissions import Role
from fadeout.cli import plans as cli
from fadeout.plans import listing
from fadeout.plans.models import Plan
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.plans import test_listing
from tests.plans.house import contact, house
from tests.plans.test_listing import plan

__all__ = ["plan"]


@pytest.fixture
def client(plan: Plan) -> Client:
    return signed_in(somebody(Role.DPO, name="Bo"))


def page(client: Client, plan: Plan, **query: str) -> str:
    answer = client.get(f"/plans/{plan.pk}/contacts/", query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def numbers(page: str) -> list[str]:
    return re.findall(r'<a href="/contacts/[0-9a-f-]{36}/">([^<]+)</a>', page)


def ask(client: Client, plan: Plan, **filters: str) -> str:
    answer = client.post(f"/plans/{plan.pk}/contacts/", filters)
    assert (answer.status_code, answer["Location"]) == (302, f"/plans/{plan.pk}/contacts/")
    return page(client, plan)


def test_the_list_begins_with_who_would_be_struck_and_was_silent_longest(
    client: Client, plan: Plan
) -> None:
    asked = listing.Asked(outcomes=listing.STRUCK)
    wanted = test_listing.expected(plan, asked, "recency_on", "pk")
    shown = page(client, plan)
    assert numbers(shown) == wanted
    assert 'aria-sort="ascending"' in shown
    assert numbers(page(client, plan, sort="latest")) == wanted[::-1]
    assert numbers(page(client, plan, sort="number")) == sorted(wanted)
    assert numbers(page(client, plan, sort="nonsense", after="nobody", stream="x")) == wanted


def test_filters_are_kept_and_say_why_in_words(client: Client, plan: Plan) -> None:
    held = ask(client, plan, reason="hold")
    assert set(numbers(held)) == test_listing.HELD
    assert held.count('<span class="tag">legal hold</span>') == 3
    assert set(numbers(page(client, plan, sort="name"))) == test_listing.HELD  # kept
    assert numbers(ask(client, plan, outcome="delete", reason="debtor")) == []
    assert "Nobody on this plan is like that" in page(client, plan)
    kept = ask(client, plan, outcome="keep")
    assert {"a0", "a1", "h"} | test_listing.HELD == set(numbers(kept))
    assert "has a role besides being a customer" in kept
    wrong = client.post(f"/plans/{plan.pk}/contacts/", {"outcome": "x"}, follow=True)
    assert (wrong.status_code, "errorlist" in wrong.content.decode()) == (422, True)


def test_a_search_names_nobody_in_an_address(client: Client, plan: Plan) -> None:
    shown = ask(client, plan, typed="name 1")
    assert set(numbers(shown)) == {"c01", "c06", "c16", "c21", "c26", "c31"}
    assert not re.search(r'(href|action)="[^"]*name', shown, re.I)
    assert numbers(ask(client, plan, typed="'\"%_\\")) == []
    nul = client.post(f"/plans/{plan.pk}/contacts/", {"typed": "\0"}, follow=True)
    assert nul.status_code == 422


def test_pages_follow_one_another(client: Client, database: str) -> None:
    """A hundred and two contacts more, on the page in three pieces; forth by the link, and back."""
    many = house(*(contact(f"m{n:03}", created_at=test_listing.DAYS[n % 7]) for n in range(102)))
    with tempfile.TemporaryDirectory() as folder:
        support.import_folder(many.write_csv(Path(folder)))
    plan = support.simulated()
    wanted = test_listing.expected(plan, listing.Asked(outcomes=listing.STRUCK), "recency_on", "pk")
    pages, query = [page(client, plan)], ""
    while link := re.search(r'rel="next" href="([^"]+)"', pages[-1]):
        query = html.unescape(link[1])
        pages.append(client.get(f"/plans/{plan.pk}/contacts/{query}").content.decode())
    assert [number for one in pages for number in numbers(one)] == wanted
    assert [len(numbers(one)) for one in pages] == [50, 50, len(wanted) - 100]
    back = re.search(r'rel="prev" href="([^"]+)"', pages[2])
    assert back
    before = client.get(f"/plans/{plan.pk}/contacts/{html.unescape(back[1])}").content.decode()
    assert numbers(before) == numbers(pages[1])


def test_files_hold_what_the_command_line_writes(
    client: Client, plan: Plan, tmp_path: Path
) -> None:
    answer = client.get(f"/plans/{plan.pk}/list.csv")
    cli.write_csv(plan, tmp_path / "list.csv")
    written = (tmp_path / "list.csv").read_bytes()
    assert written.count(b"\n") == len(test_listing.DAYS) + 4
    assert b"".join(answer.streaming_content) == written  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == f'attachment; filename="plan-{plan.pk}.csv"'
    answer = client.get(f"/plans/{plan.pk}/list.xlsx")
    cli.write_workbook(plan, tmp_path / "list.xlsx")
    sent = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    made = load_workbook(tmp_path / "list.xlsx")
    assert sent.sheetnames == made.sheetnames == ["Summary", "Contacts"]
    for name in made.sheetnames:
        assert list(sent[name].values) == list(made[name].values)


def test_whoever_may_not_find_contacts_sees_why_not_who(client: Client, plan: Plan) -> None:
    marketer = signed_in(somebody(Role.MARKETER, name="Mara"))
    shown = page(marketer, plan)
    assert "Name 1" in page(client, plan)
    assert "how many and why, not who" in shown
    assert shown.count('class="lamp delete"') > 5
    assert not any(text in shown for text in ("Name 1", ">c01<", "/contacts/0", 'name="typed"'))
    assert numbers(shown) == []
    marketer.post(f"/plans/{plan.pk}/contacts/", {"typed": "c01", "outcome": "struck"})
    assert page(marketer, plan).count('class="lamp') == shown.count('class="lamp')  # not searched
    assert page(marketer, plan, sort="name").count('class="lamp') == shown.count('class="lamp')


def test_what_cannot_be_looked_for_is_not_kept(client: Client, plan: Plan) -> None:
    found = numbers(ask(client, plan, typed="c01", outcome="all"))
    assert found == ["c01"]
    for wrong in ({"typed": "x" * 100_000}, {"typed": "x\0"}, {"outcome": "zz"}):
        answer = client.post(f"/plans/{plan.pk}/contacts/", wrong)
        assert answer.status_code == 422, wrong
    assert numbers(page(client, plan)) == found


def test_no_cell_of_a_download_is_a_formula(client: Client, tmp_path: Path) -> None:
    odd = ("=1+1", "+41", "-1", "@x", "\t=1", "a=1")
    support.imported(house(*map(contact, odd)), tmp_path / "odd")
    made = support.simulated()
    answer = client.get(f"/plans/{made.pk}/list.csv")
    listed = {line[0] for line in csv.reader(io.StringIO(b"".join(answer).decode()))}
    assert {"a=1", *(f"'{number}" for number in odd[:-1])} <= listed
    assert not listed & set(odd[:-1])


def test_lists_cost_few_statements(client: Client, plan: Plan) -> None:
    support.approved(plan)
    counted = {}
    for path in (f"/plans/{plan.pk}/contacts/", "/plans/"):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counted[path] = len(asked)
    for _ in range(3):
        support.approved(support.simulated())
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/plans/").content.count(b"Plan ") >= 4
    assert len(asked) == counted["/plans/"] == 15
    assert counted[f"/plans/{plan.pk}/contacts/"] == 12


def test_what_changed_since_the_plan_before(client: Client, plan: Plan) -> None:
    alone = client.get(f"/plans/{plan.pk}/changes/").content.decode()
    assert "There is no plan before this one" in alone
    assert client.get(f"/plans/{plan.pk}/changes/counted/").status_code == 404
    now = support.simulated(months=1_200)
    path = f"/plans/{now.pk}/changes/"
    went = client.get(path, {"what": "went"}).content.decode()
    struck = test_listing.expected(
        plan, listing.Asked(outcomes=listing.STRUCK), "-recency_on", "-pk"
    )
    assert numbers(went) == struck
    assert "period 36 months then, 1,200 months now" in went
    assert "being counted" in went
    assert numbers(client.get(path).content.decode()) == []
    counted = client.get(f"{path}counted/").content.decode()
    assert f"<dt>Went out</dt><dd>{len(struck)}</dd>" in counted
    assert counted in client.get(path, {"counted": "yes"}).content.decode()
    marketer = signed_in(somebody(Role.MARKETER, name="Mara"))
    assert "c01" not in marketer.get(path, {"what": "went"}).content.decode()


def test_what_does_not_exist_is_not_found(client: Client, plan: Plan) -> None:
    for path in ("/plans/99/", f"/plans/{2**64}/", "/plans/99/contacts/", "/plans/99/approve/"):
        assert client.get(path).status_code == 404
    assert "There are no older plans" in client.get("/plans/", {"below": "1"}).content.decode()
    assert client.get("/plans/", {"below": "x" * 40}).status_code == 200
