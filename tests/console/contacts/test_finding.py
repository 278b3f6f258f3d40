"""Finding contacts: what is typed, filters, pages, tabs; and that nobody anonymised is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import Role
from fadeout.contacts import search
from tests import support
from tests.console.contacts import house
from tests.console.visitors import signed_in, somebody


@pytest.fixture
def client(database: str, tmp_path: Path) -> Client:
    house.imported(tmp_path / "in")
    return signed_in(somebody(Role.OPERATOR))


def found(client: Client, typed: str = "", **filters: str) -> str:
    answer = client.post("/contacts/", {"typed": typed, **filters})
    assert answer.status_code == 302, answer.content
    page = client.get(answer["Location"])
    assert page.status_code == 200
    return page.content.decode()


def numbers(page: str) -> list[str]:
    return re.findall(r'<td class="not-phone code">([^<]*)</td>', page)


def test_the_list_is_there_and_dense(client: Client) -> None:
    page = client.get("/contacts/").content.decode()
    assert numbers(page) == ["2001", "1001", "1002", "R"]
    assert "Zürich, Switzerland" in page
    assert "Lycée Voltaire" in page  # for the relay, too
    assert page.count("Lycée Voltaire") == 2
    assert '<span class="tag waiting">held</span>' in page
    assert "4 contacts on this page" in page
    assert "Contacts on file, by name" in page


@pytest.mark.parametrize(
    ("typed", "who"),
    [("MULLER", ["1001", "1002"]), ("müller anna", ["1001"]), ("0041 44 123 45 67", ["1001"]),
     ("Anna.Mueller@EXAMPLE", ["1001"]), ("100", ["1001", "1002"]), ("r", ["R"])],
)  # fmt: skip
def test_somebody_is_found_by_what_is_typed(client: Client, typed: str, who: list[str]) -> None:
    page = found(client, typed)
    assert numbers(page)[: len(who)] == who
    assert f"“{typed}”" in page


def test_what_was_typed_stands_in_no_address(client: Client) -> None:
    answer = client.post("/contacts/", {"typed": "Müller", "country": "CH"})
    assert re.fullmatch(r"/contacts/\?of=[\w-]+", answer["Location"])
    assert "ller" not in answer["Location"]
    assert numbers(client.get(answer["Location"]).content.decode()) == ["1001"]


def test_filters(client: Client) -> None:
    assert numbers(found(client, country="FR")) == ["2001", "1002"]
    assert numbers(found(client, kind="relay")) == ["R"]
    assert numbers(found(client, is_held="yes")) == ["R"]
    assert numbers(found(client, is_prospect="yes", country="FR")) == ["2001"]
    assert numbers(found(client, language="de")) == ["1001"]
    page = found(client, "Müller", country="CH", is_held="yes")
    assert numbers(page) == []
    assert "Take away a filter." in page
    bad = client.post("/contacts/", {"typed": "", "country": "??"})
    assert bad.status_code == 422
    assert "not one of the available choices" in bad.content.decode()
    assert client.post("/contacts/", {"typed": "x" * 300}).status_code == 422


def test_nothing_found_says_what_was_looked_for_and_what_to_try(client: Client) -> None:
    page = found(client, "Zzz <b>")
    assert "Nobody on file is found by “Zzz &lt;b&gt;”." in page
    assert "Type less" in page
    assert "Contacts found by" not in page


def test_an_empty_house_says_so(database: str) -> None:
    support.founded()
    page = signed_in(somebody(Role.SUPPORT)).get("/contacts/").content.decode()
    assert "There are no contacts on file yet." in page


def link(page: str, name: str) -> str | None:
    match = re.search(rf'href="([^"]*)">{name}<', page)
    return match.group(1).replace("&amp;", "&") if match else None


def test_pages_forth_and_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(search.search.__kwdefaults__ or {}, "limit", 2)
    first = found(client)
    assert numbers(first) == ["2001", "1001"]
    assert link(first, "Back") is None
    onward = link(first, "Next")
    assert onward is not None
    second = client.get(onward).content.decode()
    assert numbers(second) == ["1002", "R"]
    assert link(second, "Next") is None
    back = link(second, "Back")
    assert back is not None
    assert numbers(client.get(back).content.decode()) == ["2001", "1001"]
    last = link(first, "Last page")
    assert last is not None
    assert numbers(client.get(last).content.decode()) == ["1002", "R"]
    for spoilt in ("after=x", "stream=99999999999999999", "stream=7", "stream=٣", "before=%00"):
        assert client.get(f"/contacts/?{spoilt}").status_code == 200


def test_two_tabs_each_go_on_with_what_they_looked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(search.search.__kwdefaults__ or {}, "limit", 1)
    one = found(client, "muller")
    onward = link(one, "Next")
    assert onward is not None
    assert numbers(found(client, "roth")) == ["R"]  # in another tab
    assert numbers(client.get(onward).content.decode()) == ["1002"]
    assert numbers(client.get("/contacts/").content.decode()) == ["R"]  # the latest
    for n in range(20):
        found(client, f"other {n}")
    page = client.get(onward).content.decode()
    assert "is not kept any more" in page
    assert "other 19" in page


def test_a_list_that_is_cut_short_offers_to_go_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found(client, is_held="yes")
    assert ("Only a part" in whole, numbers(whole)) == (False, ["R"])
    for name, few in (("STEPS", 1), ("WALK", 1), ("FEW_BY_FILTERS", 0)):
        monkeypatch.setattr(search, name, few)
    page = found(client, is_held="yes")
    assert "Only a part of the house was looked at so far" in page
    assert "Nobody in the part of the house" in page
    seen, rounds = numbers(page), 0
    while onward := link(page, "Go on looking"):
        page = client.get(onward).content.decode()
        seen += numbers(page)
        rounds += 1
        assert rounds < 10
    assert (seen, rounds > 1) == (["R"], True)


def test_whoever_was_forgotten_is_found_nowhere(client: Client) -> None:
    dpo = signed_in(somebody(Role.DPO, name="Bo"))
    address = house.at_contact("1002")
    assert client.get(address).status_code == 200
    pages = (
        address,
        *(
            f"{address}{more}/"
            for more in ("authorisations", "criteria", "holds", "notes", "forget")
        ),
    )
    assert [dpo.get(page).status_code for page in pages] == [200] * len(pages)
    assert numbers(found(client, "muller")) == ["1001", "1002"]
    plan = support.approved(support.forgotten("1002"))
    assert support.run(plan).state == "done"
    assert numbers(found(client, "muller")) == ["1001"]
    for typed in ("1002", "Bernard", "XXXXXXXX", "XX"):
        assert numbers(found(client, typed)) == []
    assert numbers(found(client, country="FR")) == ["2001"]
    assert [dpo.get(page).status_code for page in pages] == [404] * len(pages)


def test_an_anonymous_row_is_not_opened_by_its_new_id(client: Client) -> None:
    plan = support.approved(support.forgotten("1002"))
    support.run(plan)
    [row] = house.Contact.objects.filter(anonymised_on__isnull=False)
    answer = client.get(f"/contacts/{row.public_id}/")
    assert answer.status_code == 404
    assert "This contact is not on file." in answer.content.decode()


def test_a_list_asks_a_fixed_number_of_queries(client: Client) -> None:
    found(client, "m")
    with CaptureQueriesContext(connection) as caught:
        client.get("/contacts/")
    plain = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET LOCAL", "SELECT set_config")
    reading = [q for q in caught.captured_queries if not q["sql"].startswith(plain)]
    assert len(reading) == 14, [q["sql"][:90] for q in reading]
