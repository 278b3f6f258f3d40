"""Deleted contacts leave nothing that points at them, whichever way that is checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from fadeout.core import sql
from fadeout.erasure import operations as erasure
from fadeout.erasure import statements
from tests import support
from tests.model.house import Note
from tests.plans.house import contact, house

OUTSIDER = "CREATE TABLE loyalty_card (holder bigint REFERENCES contacts_contact {})"


@pytest.fixture
def contact_id(database: str, tmp_path: Path) -> int:
    support.imported(
        house(contact("A"), Note(note_number="1", contact_number="A")), tmp_path / "in"
    )
    return _only_contact()


def _only_contact() -> int:
    found: int = sql.rows("SELECT id FROM contacts_contact")[0][0]
    return found


def strike(contact_id: int) -> None:
    with transaction.atomic():
        erasure.strike(outcomes={contact_id: "delete"}, time_zone="UTC", today=support.AS_OF)


def in_sets() -> bool:
    return bool(sql.rows(sql.load("erasure", "select_whether_in_sets"))[0][0])


def test_what_the_catalogue_does_not_know_of_still_holds_its_contact(contact_id: int) -> None:
    """A table of somebody else, with a foreign key of its own."""
    sql.execute(OUTSIDER.format(""))
    sql.execute("INSERT INTO loyalty_card VALUES (%(id)s)", {"id": contact_id})
    assert in_sets()
    with pytest.raises(IntegrityError, match=r"loyalty_card.holder still points"):
        strike(contact_id)
    assert _only_contact() == contact_id
    assert sql.rows("SELECT count(*) FROM contacts_note") == [(1,)]
    sql.execute("DELETE FROM loyalty_card")
    strike(contact_id)
    assert sql.rows("SELECT count(*) FROM contacts_contact") == [(0,)]


def test_a_forgotten_table_is_found_out(contact_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the catalogue fails to remove ends the transaction."""
    without_notes = tuple(
        step for step in statements.of_a_stroke() if step.table != "contacts_note"
    )
    assert len(without_notes) < len(statements.of_a_stroke())
    monkeypatch.setattr(statements, "of_a_stroke", lambda: without_notes)
    with pytest.raises(IntegrityError, match="contacts_note"):
        strike(contact_id)
    assert _only_contact() == contact_id


def test_the_role_of_the_session_is_its_own_again_after_a_stroke(contact_id: int) -> None:
    with transaction.atomic():
        erasure.strike(outcomes={contact_id: "delete"}, time_zone="UTC", today=support.AS_OF)
        assert sql.rows("SHOW session_replication_role") == [("origin",)]


@pytest.mark.parametrize(
    "why",
    [
        OUTSIDER.format("ON DELETE CASCADE"),
        "CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';"
        " CREATE TRIGGER watch BEFORE DELETE ON contacts_contact FOR EACH ROW EXECUTE FUNCTION told()",
    ],
    ids=["a key that cascades", "a trigger on contacts"],
)
def test_where_more_hangs_on_a_deletion_it_is_done_row_by_row(contact_id: int, why: str) -> None:
    assert in_sets()
    with connection.cursor() as cursor:
        cursor.execute(why)
    assert not in_sets()
    strike(contact_id)
    assert sql.rows("SELECT count(*) FROM contacts_contact") == [(0,)]
