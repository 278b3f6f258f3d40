"""An export is the same bytes for the same data, and an import of it gives the same house."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fadeout.connectors.exchange import operations
from fadeout.connectors.exchange.format import FILES
from fadeout.connectors.exchange.operations import export_exchange
from fadeout.core.errors import BadInput
from tests.connectors.house import (
    House,
    csv_folder,
    empty_tables,
    house,
    parquet_folder,
    tables,
    take,
)

pytestmark = pytest.mark.usefixtures("empty_house")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def filled(empty_house: str, tmp_path: Path) -> Path:
    """A database with the house in it; the folder it came from."""
    folder = csv_folder(tmp_path / "in", house())
    take(folder)
    return folder


def test_an_empty_house_gives_headers_alone(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "in", {}))
    report = export_exchange(path=tmp_path / "out")
    assert set(report.files.values()) == {0}
    for file in FILES:
        header = ",".join(column.name for column in file.columns)
        assert (tmp_path / "out" / f"{file.name}.csv").read_text() == header + "\n"


@pytest.mark.usefixtures("filled")
def test_it_is_written_as_the_format_says(tmp_path: Path) -> None:
    report = export_exchange(path=tmp_path / "out")
    assert report.files["contacts.csv"] == 3
    written = contents(tmp_path / "out")
    assert written["contacts.csv"].decode().splitlines()[1:] == [
        'C1,relay,C3,,Żofia,"O\'Neil, Jr.",1980-02-29,de-CH,z@x.example,,,,,01221,Genève,CH,,'
        '2020-01-02T01:04:05.123456Z,"two',
        'lines",guide|supplier,2019-01-01T00:00:00Z,C2',
        "C2,individual,,,,,,,,,,,,,,,,,,,2018-05-05T10:00:00Z,",
        "C3,structure,,,,,,,,,,,,,,,,,,,2018-05-05T10:00:00Z,",
    ]
    assert written["products.csv"].decode() == (
        'code,organisation,name,dated\np1,opera,"The ""Ring""",true\np2,shop,Mug,false\n'
    )
    assert written["order_lines.csv"].decode().splitlines()[2] == (
        "O2,-7,p2,sale,returned,,-0.01,,,,,,,,"
    )
    assert b"\r" not in b"".join(written.values())


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("parquet", [False, True])
def test_twice_is_byte_for_byte_the_same(tmp_path: Path, parquet: bool) -> None:
    for name in ("one", "two"):
        export_exchange(path=tmp_path / name, parquet=parquet)
        export_exchange(path=tmp_path / f"{name}.zip", parquet=parquet)
    assert len(contents(tmp_path / "one")) == 14
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("parquet", [False, True])
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_exported_and_imported_it_is_the_same_house(
    tmp_path: Path, parquet: bool, name: str
) -> None:
    before = tables()
    export_exchange(path=tmp_path / "before")
    export_exchange(path=tmp_path / name, parquet=parquet)
    empty_tables()
    take(tmp_path / name)
    assert tables() == before
    export_exchange(path=tmp_path / "after")
    assert contents(tmp_path / "after") == contents(tmp_path / "before")


@pytest.mark.usefixtures("filled")
def test_parquet_is_typed(tmp_path: Path) -> None:
    export_exchange(path=tmp_path / "out", parquet=True)
    lines = pq.read_schema(tmp_path / "out" / "order_lines.parquet")
    assert lines.field("price").type == pa.decimal128(14, 2)
    assert lines.field("valid_until").type == pa.timestamp("us", "UTC")
    assert lines.field("line").type == pa.int32()
    assert lines.field("beneficiary_birth_date").type == pa.date32()
    assert pq.read_table(tmp_path / "out" / "clicks.parquet")["automated"].to_pylist() == [False]


@pytest.mark.usefixtures("filled")
def test_anonymised_contacts_are_left_out_with_what_is_only_about_them(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_contact SET contact_number = 'anon', structure_id = NULL,"
            " first_name = 'XXXXXXXX', last_name = 'XXXXXXXX', birth_date = NULL, language = NULL,"
            " email = NULL, email_validated_at = NULL, remark = NULL, created_by_id = NULL,"
            " anonymised_on = '2025-01-01' WHERE contact_number = 'C1'"
        )
    report = export_exchange(path=tmp_path / "out")
    expected = {file.name: len(house()[file.name]) for file in FILES} | {
        "contacts": 2, "account_entries": 0, "clicks": 0, "criteria": 0, "authorisations": 0,
        "notes": 0,
    }  # fmt: skip
    assert report.files == {f"{name}.csv": count for name, count in expected.items()}
    written = b"".join(contents(tmp_path / "out").values())
    assert b"anon" not in written
    assert b"XXXX" not in written
    assert b"O1,opera,,C2," in written


@pytest.mark.usefixtures("filled")
def test_only_their_owner_can_read_the_files(tmp_path: Path) -> None:
    export_exchange(path=tmp_path / "out")
    export_exchange(path=tmp_path / "out.zip")
    files = [*(tmp_path / "out").iterdir(), tmp_path / "out.zip"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


@pytest.mark.usefixtures("filled")
def test_it_does_not_mix_with_other_files(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_exchange(path=out)
    before = contents(out)
    with pytest.raises(BadInput, match=r"holds account_entries.csv, .* and others"):
        export_exchange(path=out, parquet=True)
    assert contents(out) == before
    export_exchange(path=out)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="is a file"):
        export_exchange(path=tmp_path / "file")
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(BadInput, match="is a folder"):
        export_exchange(path=tmp_path / "folder.zip")
    with pytest.raises(BadInput, match="cannot be written"):
        export_exchange(path=tmp_path / "nowhere" / "out.zip")


@pytest.mark.usefixtures("filled")
def test_a_failed_export_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export_exchange(path=out)
    before = contents(out)

    def fail(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(operations, "write_csv", fail)
    with pytest.raises(KeyboardInterrupt):
        export_exchange(path=out)
    assert contents(out) == before


@pytest.mark.usefixtures("filled")
def test_a_zip_of_an_export_has_the_files_at_its_top(tmp_path: Path) -> None:
    export_exchange(path=tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == [f"{file.name}.csv" for file in FILES]


texts = st.one_of(
    st.sampled_from(["\\.", "x\n\\.\ny", '"', '""', " a", "a\r\nb", "\r", "NULL", "\\N", ",", "|"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
)
instants = st.datetimes().map(
    lambda at: at.replace(year=min(max(at.year, 2), 9998)).isoformat() + "Z"
)
amounts = st.decimals("-999999999999.99", "999999999999.99", places=2).map(lambda a: f"{a:f}")


@st.composite
def houses(draw: st.DrawFn) -> House:
    numbers = draw(st.lists(texts, unique=True, min_size=1, max_size=4))
    anybody = st.sampled_from(numbers)
    maybe = st.one_of(st.just(""), texts)
    contacts = [
        {
            "contact_number": number,
            "kind": draw(st.sampled_from(["individual", "relay", "structure"])),
            "structure": draw(st.one_of(st.just(""), anybody)),
            "created_by": draw(st.one_of(st.just(""), anybody)),
            "last_name": draw(maybe),
            "remark": draw(maybe),
            "birth_date": draw(st.dates()).isoformat(),
            "created_at": draw(instants),
        }
        for number in numbers
    ]
    entries = [
        {
            "entry_number": key,
            "contact_number": draw(anybody),
            "organisation": "o",
            "booked_at": draw(instants),
            "amount": draw(amounts),
            "label": draw(maybe),
        }
        for key in draw(st.lists(texts, unique=True, max_size=3))
    ]
    organisations = [{"code": "o", "name": draw(texts)}]
    return {"organisations": organisations, "contacts": contacts, "account_entries": entries}


@given(given_house=houses())
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_house_survives_the_way_out_and_in(
    given_house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("any")
    empty_tables()
    take(csv_folder(place / "in", given_house))
    stored = tables()
    assert len(stored["contacts_contact"]) == len(given_house["contacts"])
    export_exchange(path=place / "csv")
    export_exchange(path=place / "parquet", parquet=True)
    report = take(place / "csv")
    assert {counts.unchanged == counts.read for counts in report.files.values()} == {True}
    for way in ("csv", "parquet"):
        empty_tables()
        take(place / way)
        export_exchange(path=place / f"{way} again")
        assert contents(place / f"{way} again") == contents(place / "csv")
    empty_tables()
    take(parquet_folder(place / "plain parquet", given_house))
    export_exchange(path=place / "plain again")
    assert contents(place / "plain again") == contents(place / "csv")
