"""The page of the data map says what the catalogue says, all of it."""

from __future__ import annotations

import re
from html import unescape

from django.db import connection
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import Role
from fadeout.cli import datamap
from fadeout.console.datamap import words
from fadeout.core import sql
from fadeout.core.catalogue import declaration, fates
from fadeout.core.catalogue.declaration import Action, DataClass, Reach
from tests import support
from tests.console.visitors import signed_in, somebody


def columns_on(page: str) -> set[tuple[str, str]]:
    found = set()
    for section in page.split('<section class="sheet part gap" id="')[1:]:
        table = section.split('"', 1)[0]
        names = re.findall(r'<th scope="row"><code translate="no">([^<]+)</code>', section)
        found |= {(table, name) for name in names}
    return found


def test_every_column_about_people_is_shown_and_every_other_one_if_asked_for(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.MARKETER))
    declared = {
        (table.name, column.name): column.data_class.is_personal
        for table in declaration.tables().values()
        for column in table.columns.values()
    }
    personal = {place for place, is_personal in declared.items() if is_personal}
    assert 20 < len(personal) < len(declared)
    page = client.get("/data-map/").content.decode()
    assert columns_on(page) == personal
    assert f"{len(personal)} columns say something about a person." in page
    assert columns_on(client.get("/data-map/?every=on").content.decode()) == set(declared)


def test_one_table_says_what_becomes_of_each_column_and_why(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.OPERATOR))
    sql.execute("ANALYZE contacts_contact")
    page = unescape(client.get("/data-map/?table=contacts_contact&every=on").content.decode())
    said = {
        entry["column"]: entry
        for entry in datamap.entries()
        if entry["table"] == "contacts_contact"
    }
    assert columns_on(page) == {("contacts_contact", name) for name in said}
    assert "audience reports by origin must not change" in page
    assert "About 0 rows." in page
    row = next(row for row in page.split("<tr>") if ">last_name</code>" in row)
    assert "identity" in row
    assert "row removed" in row
    assert "XXXXXXXX" in row
    assert "<td>yes</td>" in row


def test_a_table_that_is_none_is_told(database: str) -> None:
    support.founded()
    answer = signed_in(somebody(Role.DPO)).get("/data-map/?table=nonsense")
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (400, True)


def test_every_word_of_the_catalogue_has_a_name() -> None:
    assert set(words.CLASSES) == set(DataClass)
    assert set(words.REACHES) == set(Reach)
    assert set(words.FATES) == {*Action, *fates.OfRow}


def test_the_whole_map_takes_one_statement(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.DPO))
    client.get("/data-map/")
    with CaptureQueriesContext(connection) as caught:
        client.get("/data-map/?every=on")
    assert len(caught) == 8
    assert sum("reltuples" in each["sql"] for each in caught) == 1
