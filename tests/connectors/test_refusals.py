"""Bad input of every kind changes nothing and says file, line, column, reason and value."""

from __future__ import annotations

import stat
import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fadeout.connectors.exchange import merge, sources
from fadeout.connectors.exchange.format import BY_NAME
from fadeout.connectors.exchange.problems import ImportRefused, Problem
from fadeout.core.errors import BadInput
from tests.connectors.house import House, as_csv, csv_folder, house, tables, take, zipped

pytestmark = pytest.mark.usefixtures("empty_house")


def refused(path: Path, **options: bool) -> list[str]:
    """The problems of an import that must be refused and change nothing."""
    before = tables(with_xmin=True)
    with pytest.raises(ImportRefused) as caught:
        take(path, **options)
    assert tables(with_xmin=True) == before
    assert caught.value.count >= len(caught.value.problems) > 0
    return [str(problem) for problem in caught.value.problems]


def with_value(file: str, column: str, value: str, row: int = 0) -> House:
    changed = house()
    changed[file][row][column] = value
    return changed


@pytest.mark.parametrize(
    ("file", "column", "value", "told"),
    [
        ("contacts", "birth_date", "31.12.1980", "not a date (YYYY-MM-DD), value 99.99.9999"),
        ("contacts", "birth_date", "2021-02-29", "not a date (YYYY-MM-DD), value 9999-99-99"),
        ("contacts", "birth_date", "0000-01-01", "not a date (YYYY-MM-DD), value 9999-99-99"),
        ("contacts", "created_at", "2020-01-01T00:00:00", "a time without an offset or Z"),
        ("contacts", "created_at", "2020-01-01", "not a time"),
        ("contacts", "created_at", "2020-01-01 00:00:00Z", "not a time"),
        ("contacts", "created_at", "2020-01-01T24:00:00Z", "not a time"),
        ("contacts", "created_at", "2020-01-01T00:00:60Z", "not a time"),
        ("contacts", "created_at", "2020-01-01T00:00:00+16:00", "not a time"),
        ("contacts", "created_at", "2020-01-01T00:00:00.1234567Z", "finer than a microsecond"),
        ("contacts", "created_at", "0001-01-01T12:00:00Z", "not a time"),
        ("contacts", "created_at", "9999-12-31T12:00:00Z", "not a time"),
        ("contacts", "created_at", "", "empty, and it is needed"),
        ("contacts", "kind", "Individual", "none of individual, relay, structure"),
        ("contacts", "language", "de_CH", "not a language tag (BCP 47"),
        ("contacts", "country", "ch", "not a country code"),
        ("contacts", "country", "UK", "not a country code"),
        ("contacts", "roles", "guide||supplier", "a list with an empty item"),
        ("contacts", "roles", "guide|", "a list with an empty item"),
        ("products", "dated", "True", "neither true nor false, value True"),
        ("products", "dated", "1", "neither true nor false, value 1"),
        ("orders", "currency", "chf", "not a currency code"),
        ("order_lines", "line", "1.0", "not an integer"),
        ("order_lines", "line", "2147483648", "not an integer"),
        ("order_lines", "price", "1,50", "not an amount"),
        ("order_lines", "price", "1.234", "not an amount"),
        ("order_lines", "price", ".5", "not an amount"),
        ("order_lines", "price", "+5", "not an amount"),
        ("order_lines", "price", "1e3", "not an amount"),
        ("order_lines", "price", "1234567890123", "not an amount"),
        ("order_lines", "state", "expired", "none of standing, lapsed, cancelled, returned"),
        ("answers", "type", "TEXT", "none of text, address, email, choice"),
        ("criteria", "origin", "me", "none of contact, operator, import, system"),
        ("authorisations", "value", "maybe", "none of yes, no, unanswered"),
        ("organisations", "code", "", "empty, and it is needed"),
        ("products", "organisation", "museum", "points at nothing"),
        ("contacts", "structure", "C99", "points at nothing: neither in this import nor on file"),
        ("contacts", "created_by", "C99", "points at nothing"),
        ("orders", "purchase_contact", "c1", "points at nothing"),
        ("order_lines", "product", "p9", "points at nothing"),
        ("order_lines", "beneficiary_contact", "C99", "points at nothing"),
        ("answers", "line", "2", "points at nothing"),
        ("payments", "order_number", "O9", "points at nothing"),
        ("account_entries", "contact_number", "C99", "points at nothing, value x99"),
        ("waiting_list", "product", "p9", "points at nothing"),
        ("notes", "contact_number", "C99", "points at nothing"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    file: str, column: str, value: str, told: str, tmp_path: Path
) -> None:
    folder = csv_folder(tmp_path / "in", with_value(file, column, value))
    problems = refused(folder)
    if "points" in told:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(merge, "BULK_FROM", 1)
            assert refused(folder) == problems
    where = "order_number" if (file, column) == ("answers", "line") else column
    reason, _, shown = told.partition(", value ")
    assert problems[0].startswith(f"{file}.csv, line 2, column {where}: {reason}")
    assert shown in problems[0]
    assert (", value " in problems[0]) == bool(value)


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("file", sorted(house()))
def test_a_key_given_twice_is_told(
    file: str, bulk: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bulk:
        monkeypatch.setattr(merge, "BULK_FROM", 1)
    doubled = house()
    doubled[file].append(dict(doubled[file][0]))
    (problem,) = refused(csv_folder(tmp_path / "in", doubled))
    assert "the key is in the file twice" in problem
    line = 2 + len(house()[file]) + (file == "contacts")
    names = [column.name for column in BY_NAME[file].key]
    place = f"{file}.csv, line {line}, column{'s' if len(names) > 1 else ''} {', '.join(names)}: "
    assert problem.startswith(place)
    assert problem.count(", ", problem.index(", value ") + 1) == len(names) - 1


def test_keys_are_compared_as_values_not_as_they_are_written(tmp_path: Path) -> None:
    doubled = house()
    doubled["criteria"].append(
        {**doubled["criteria"][0], "changed_at": "2020-01-01T01:00:00.000+01:00"}
    )
    (problem,) = refused(csv_folder(tmp_path / "in", doubled))
    assert problem == (
        "criteria.csv, line 3, columns contact_number, criterion, changed_at: the key is in the file"
        " twice, value x9, interest, 2020-01-01 00:00:00+00"
    )
    (shown,) = refused(tmp_path / "in", show_values=True)
    assert shown.endswith(" twice, value C1, interest, 2020-01-01 00:00:00+00")


def test_the_first_twenty_and_the_count_of_all_over_all_files(tmp_path: Path) -> None:
    wrong = house()
    wrong["contacts"] += [
        {"contact_number": f"D{n}", "kind": "x", "created_at": "y"} for n in range(30)
    ]
    wrong["holds"][0]["until"] = "z"
    wrong["orders"][0]["purchase_contact"] = "C99"
    with pytest.raises(ImportRefused) as caught:
        take(csv_folder(tmp_path / "in", wrong))
    assert (len(caught.value.problems), caught.value.count) == (20, 62)
    lines = [problem.line for problem in caught.value.problems]
    assert lines == sorted(line for line in lines if line is not None)
    assert [problem.column for problem in caught.value.problems[:3]] == [
        "kind", "created_at", "kind",
    ]  # fmt: skip


def test_lines_are_physical_lines(tmp_path: Path) -> None:
    wrong = with_value("contacts", "kind", "x", row=1)
    (problem,) = refused(csv_folder(tmp_path / "in", wrong))
    assert problem.startswith("contacts.csv, line 4, column kind")  # a remark takes two lines


def test_personal_values_are_masked_and_shown_only_when_asked(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", with_value("contacts", "birth_date", "Éva 12/5-٣ 😀"))
    (problem,) = refused(folder)
    assert problem.endswith("value xxx 99/9-9 x")
    (shown,) = refused(folder, show_values=True)
    assert shown.endswith("value Éva 12/5-٣ 😀")


def test_long_values_are_cut_and_control_characters_do_not_get_out(tmp_path: Path) -> None:
    (problem,) = refused(
        csv_folder(tmp_path / "in", with_value("orders", "currency", "\x1b[31m" + "y" * 99))
    )
    assert problem.endswith("value ·[31m" + "y" * 25 + "…")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("code\nx\n", "line 1, column name: missing, and it is needed"),
        ("code,name,colour\nx,y,z\n", "line 1, column colour: not a column of this file"),
        ("code,name,name\nx,y,z\n", "line 1, column name: in the file twice"),
        ("code;name\nx;y\n", "line 1: no header line with the names of the columns separated"),
        ("x,Éva\n", "line 1: no header line"),
        ("code,Éva Kiss\nx,y\n", "line 1, column no. 2: not a column of this file"),
        ("", "no header line"),
        ("\n", "no header line"),
        ("code,name\nx,y,z\n", "line 2: 3 fields, the header has 2"),
        ("code,name\na,b\nx\n", "line 3: 1 fields, the header has 2"),
        ('code,name\nx,"y\n', "line 2: a quoted field that is not closed"),
        ('code,name\nx,"y\na,b\nc,d\n', "line 2: a quoted field that is not closed"),
        ('code,name\nx,y"z\n', 'line 2: a quote (") in the wrong place'),
        ('code,name\nw,"a\nb"\nx,"y"z\n', 'line 4: a quote (") in the wrong place'),
        ('code,name\nx, "y"\n', 'line 2: a quote (") in the wrong place'),
        ("code,name\nx,y\rz,a\n", "line 2: a carriage return without a line feed"),
        ("code,name\rx,y\r", "line 1: a carriage return without a line feed"),
        ("code,name\nx,y\0z\n", "line 2: a NUL character"),
    ],
)
def test_what_is_not_csv_is_told(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "organisations.csv").write_text(content, encoding="utf-8", newline="")
    problems = refused(tmp_path)
    assert problems[0].startswith("organisations.csv, " if "line" in told[:5] else "organisations")
    assert told in problems[0]
    assert "Éva" not in "".join(problems)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("code,name\nx,Zoë\n".encode("latin-1"), "line 2: not UTF-8"),
        ("code,näme\nx,y\n".encode("latin-1"), "line 1: not UTF-8"),
        ("code,name\nx,y\n".encode("utf-16"), "line 1: UTF-16; save the file as UTF-8"),
        (b"code,name\nx,\xed\xa0\x80\n", "line 2: not UTF-8"),
    ],
)
def test_another_encoding_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "organisations.csv").write_bytes(content)
    assert refused(tmp_path)[0] == f"organisations.csv, {told}"


def test_links_into_a_file_that_cannot_be_read_are_not_held_against_it(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", house())
    (folder / "organisations.csv").write_text('code,name\nopera,"Op\nshop,S\n')
    (problem,) = refused(folder)
    assert "organisations.csv, line 2: a quoted field that is not closed" in problem


def test_unknown_files_and_both_forms_are_told(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", house())
    (folder / "Contacts.CSV").write_text("x")
    (folder / "customers.csv").write_text("x")
    (folder / "notes.parquet").write_bytes(b"x")
    (folder / "holds.parquet").mkdir()
    problems = refused(folder)
    assert "Contacts.CSV: not a file of the exchange format; did you mean contacts.csv?" in problems
    assert "customers.csv: not a file of the exchange format" in problems
    assert "notes.parquet: given twice, also as notes.csv" in problems
    assert "holds.parquet: not a file that can be read" in problems


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("created_at", pa.array([datetime(2020, 1, 1)]), "timestamps without a time zone"),  # noqa: DTZ001
        ("created_at", pa.array([1], pa.timestamp("ns", "UTC")), "finer than a microsecond"),
        ("created_at", pa.array([1577836800]), "stored as int64, which is no time"),
        ("kind", pa.array([None], pa.string()), "empty, and it is needed"),
        ("kind", pa.array([""]), "empty, and it is needed"),
        ("remark", pa.array(["a\0b"]), "a NUL character"),
        ("postcode", pa.array([True]), "stored as bool, which is no text"),
        ("birth_date", pa.array([1.0]), "not a date"),
        ("colour", pa.array(["red"]), "not a column of this file"),
    ],
)
def test_wrong_parquet_is_told(column: str, values: pa.Array, told: str, tmp_path: Path) -> None:
    columns = {
        "contact_number": pa.array(["C1"]),
        "kind": pa.array(["individual"]),
        "created_at": pa.array(["2020-01-01T00:00:00Z"]),
    }
    pq.write_table(pa.table({**columns, column: values}), tmp_path / "contacts.parquet")
    problems = refused(tmp_path)
    assert f"column {column}: {told}" in problems[0]
    if values.null_count or told.startswith(("finer", "a NUL", "empty")):
        assert "contacts.parquet, row 1, " in problems[0]


def test_a_float_amount_must_be_exact(tmp_path: Path) -> None:
    table = pa.table(
        {
            "payment_number": ["P"],
            "order_number": ["O"],
            "paid_at": ["2020-01-01T00:00:00Z"],
            "amount": [0.125],
        }
    )
    pq.write_table(table, tmp_path / "payments.parquet")
    problems = refused(tmp_path)
    assert "payments.parquet, row 1, column amount: not an amount" in problems[1]


@pytest.mark.parametrize("kept", [3, 100])
def test_damaged_parquet_is_told(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "organisations.parquet"
    pq.write_table(pa.table({"code": ["x"], "name": ["y"]}), path)
    path.write_bytes(path.read_bytes()[:kept])
    assert refused(tmp_path) == ["organisations.parquet: not a Parquet file, or a damaged one"]


def test_there_must_be_a_folder_or_a_zip(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="neither a folder nor a zip file at"):
        take(tmp_path / "nowhere")
    (tmp_path / "contacts.csv").write_text("x")
    with pytest.raises(BadInput, match="neither a folder nor a whole zip file"):
        take(tmp_path / "contacts.csv")


def good_zip(path: Path) -> Path:
    organisations = [{"code": f"o{n}", "name": f"{n * 7919}"} for n in range(1000)]
    return zipped(path, {"organisations.csv": as_csv(organisations)})


def test_a_truncated_zip_is_told(tmp_path: Path) -> None:
    path = good_zip(tmp_path / "in.zip")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BadInput, match="cut off on its way"):
        take(path)


def test_a_damaged_entry_is_told(tmp_path: Path) -> None:
    path = good_zip(tmp_path / "in.zip")
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(data)
    assert refused(path) == ["organisations.csv: damaged in the zip, or cut off"]


@pytest.mark.parametrize(
    "name",
    ["../contacts.csv", "/etc/contacts.csv", "a/../../notes.csv", "C:/x.csv", "..\\x.csv", "c:x"],
)
def test_an_entry_that_leads_outside_is_told(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", {"organisations.csv": "code,name\nx,y\n", name: "x"})
    problems = refused(path)
    assert problems[0].startswith("in.zip: an entry leads outside the zip")


def test_a_symbolic_link_in_a_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("contacts.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(path) == ["in.zip: an entry leads outside the zip: contacts.csv"]


def test_more_than_one_folder_and_a_name_twice_are_told(tmp_path: Path) -> None:
    organisations = as_csv(house()["organisations"])
    entries: dict[str, str | bytes] = {"a/organisations.csv": organisations, "b/notes.csv": "x"}
    assert "more than one folder" in refused(zipped(tmp_path / "two.zip", entries))[0]
    deep = zipped(tmp_path / "deep.zip", {"a/b/organisations.csv": organisations})
    assert "neither at the top of the zip nor in one folder" in refused(deep)[0]
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("organisations.csv", organisations)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("organisations.csv", organisations)
    assert "organisations.csv: in the zip twice" in refused(tmp_path / "twice.zip")


def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    path = good_zip(tmp_path / "in.zip")
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refused(path) == ["organisations.csv: encrypted in the zip; pack it without a password"]


def test_a_zip_that_unpacks_to_absurd_size_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    bomb = b"code,name\n" + b"x,y\n" * (4 * 2**20)
    path = zipped(tmp_path / "in.zip", {"organisations.csv": bomb})
    assert refused(path)[0].endswith("unpacks to more than 100 times its size in the zip")


def test_the_most_bytes_that_a_zip_may_unpack_to_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = good_zip(tmp_path / "in.zip")
    monkeypatch.setenv("FADEOUT_IMPORT_MAX_BYTES", "1000")
    assert "FADEOUT_IMPORT_MAX_BYTES" in refused(path)[0]
    monkeypatch.setenv("FADEOUT_IMPORT_MAX_BYTES", "many")
    with pytest.raises(BadInput, match="not a number of bytes"):
        take(path)
    monkeypatch.setenv("FADEOUT_IMPORT_MAX_BYTES", "1000000")
    assert take(path).files["organisations.csv"].inserted == 1000


def test_a_zip_that_lies_about_its_size_is_not_believed(tmp_path: Path) -> None:
    path = good_zip(tmp_path / "in.zip")
    data = bytearray(path.read_bytes())
    start = data.rfind(b"PK\x01\x02") + 24
    data[start : start + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    assert refused(path)[-1].startswith("organisations.csv")


def test_a_problem_is_written_in_one_line() -> None:
    problem = Problem("contacts.csv", 12, "birth_date", "not a date (YYYY-MM-DD)", "99/99/9999")
    assert str(problem) == (
        "contacts.csv, line 12, column birth_date: not a date (YYYY-MM-DD), value 99/99/9999"
    )
    assert str(Problem("a.parquet", 3, None, "x")) == "a.parquet, row 3: x"
    assert sources.HIGHEST_RATIO == 100
