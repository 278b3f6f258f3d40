"""The folder keeps the exchange format, byte by byte the same, at every size."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from fadeout.demo import house as house_module
from fadeout.demo.house import invent
from tests.demo.conftest import TODAY
from tests.demo.contract import REQUIRED, House, read


def digest(folder: Path) -> str:
    """One number for all the bytes of a folder."""
    sums = [hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest() for name in REQUIRED]
    return hashlib.sha256("".join(sums).encode()).hexdigest()


def test_every_file_keeps_the_contract(house: House) -> None:
    assert all(house.tables.values()), "a table without rows shows nothing"
    assert house.faults == []


def test_the_checker_finds_faults(folder: Path, tmp_path: Path) -> None:
    for file in folder.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "holds.csv").open("a", encoding="utf-8") as file:
        file.write("nobody,litigation,2026-02-30,,yesterday\n")
    with pytest.raises(ValueError, match="day is out of range"):
        read(tmp_path)
    with (tmp_path / "holds.csv").open("w", encoding="utf-8") as file:
        file.write("contact_number,reason,until,owner,created_at\n" + "nobody,x,,,yesterday\n" * 2)
    assert len(read(tmp_path).faults) == 3


def test_lines_end_with_lf_and_files_with_a_line(folder: Path) -> None:
    files = sorted(folder.iterdir())
    assert {file.stem for file in files} == set(REQUIRED)
    for file in files:
        content = file.read_bytes()
        assert content.endswith(b"\n")
        assert b"\r" not in content
        assert not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("contacts", [0, 1, 2, 3, 5, 40])
def test_a_house_has_exactly_the_contacts_asked_for(tmp_path: Path, contacts: int) -> None:
    counts = invent(tmp_path, contacts=contacts, today=TODAY)
    house = read(tmp_path)
    assert house.faults == []
    assert counts == {name: len(rows) for name, rows in house.tables.items()}
    assert counts["contacts"] == contacts


def test_a_negative_house_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="-1 contacts"):
        invent(tmp_path / "nothing", contacts=-1, today=TODAY)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2025, 12, 31), date(2026, 9, 1)])
def test_every_day_has_a_house(tmp_path: Path, today: date) -> None:
    invent(tmp_path, contacts=300, today=today)
    assert read(tmp_path).faults == []


def test_the_same_arguments_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    invent(tmp_path, contacts=2_000, today=TODAY)
    assert digest(tmp_path) == digest(folder)


def test_another_seed_or_day_gives_another_house(folder: Path, tmp_path: Path) -> None:
    invent(tmp_path, contacts=2_000, today=TODAY, seed=1)
    other_seed = digest(tmp_path)
    invent(tmp_path, contacts=2_000, today=date(2026, 8, 21))
    assert len({digest(folder), other_seed, digest(tmp_path)}) == 3


def test_neither_hash_order_nor_zone_nor_language_of_the_machine_matter(tmp_path: Path) -> None:
    invent(tmp_path / "here", contacts=300, today=TODAY)
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from fadeout.demo.house import invent;"
        f"invent(Path(sys.argv[1]), contacts=300, today=date.fromisoformat('{TODAY}'))"
    )
    machine = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Apia", "LC_ALL": "C", "PYTHONUTF8": "0"}
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")],
        check=True,
        env={**os.environ, **machine},
    )
    assert digest(tmp_path / "here") == digest(tmp_path / "there")


def test_the_house_is_the_one_that_was_written_down(tmp_path: Path) -> None:
    """Guards every version of Python. Whoever changes the house on purpose writes the new number."""
    invent(tmp_path, contacts=100, today=TODAY)
    assert digest(tmp_path) == PINNED


def test_how_often_rows_are_written_changes_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_module, "ROWS_IN_MEMORY", 50)
    told: list[tuple[str, int]] = []
    counts = invent(
        tmp_path,
        contacts=2_000,
        today=TODAY,
        progress=lambda step, done: told.append((step, done)),
    )
    assert digest(tmp_path) == digest(folder)
    assert counts == {name: len(rows) for name, rows in read(folder).tables.items()}
    assert len(told) > 50
    assert told == sorted(told)
    assert told[-1] == ("contacts", 2_000)


def test_the_mix_is_the_same_at_every_size(tmp_path: Path) -> None:
    small = invent(tmp_path, contacts=2_000, today=TODAY, seed=5)
    large = invent(tmp_path, contacts=8_000, today=TODAY, seed=6)
    for table in ("orders", "order_lines", "payments", "authorisations", "clicks", "criteria"):
        assert large[table] / 4 == pytest.approx(small[table], rel=0.15)
    others = sum(large.values()) - sum(
        large[table] for table in ("organisations", "products", "contacts", "orders", "order_lines")
    )
    assert large["orders"] / 8_000 == pytest.approx(3.0, rel=0.06)
    assert large["order_lines"] / 8_000 == pytest.approx(8.0, rel=0.08)
    assert others / 8_000 == pytest.approx(2.5, rel=0.08)


PINNED = "2045d5c3a6858f26e86f17c3ff07cd0b7979b1eeeaed4846619118cb19887f1f"
