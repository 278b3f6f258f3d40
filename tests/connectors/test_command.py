"""``fadeout import`` and ``fadeout export`` as people and scripts meet them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fadeout.core.errors import BAD_INPUT, DONE, INTERRUPTED
from tests.conftest import Fadeout
from tests.connectors.house import csv_folder, found_house, house, rows

pytestmark = pytest.mark.usefixtures("empty_house")


def test_import_shows_a_table_and_passes_over_other_files(tmp_path: Path, fadeout: Fadeout) -> None:
    found_house()
    folder = csv_folder(tmp_path / "[bold]in", house())
    (folder / "[red]read me[bold]").write_text("x")
    done = fadeout("import", folder)
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "contacts.csv" in done.stdout
    assert "Passed over: [red]read me[bold]" in done.stdout
    assert rows("SELECT count(*) FROM contacts_contact") == [(3,)]


def test_import_and_export_speak_json(tmp_path: Path, fadeout: Fadeout) -> None:
    found_house()
    taken = json.loads(fadeout("import", csv_folder(tmp_path / "in", house()), "--json").stdout)
    assert taken["files"]["contacts.csv"]["inserted"] == 3
    assert taken["passed_over"] == []
    given = json.loads(fadeout("export", tmp_path / "out", "--json").stdout)
    assert given["files"]["contacts.csv"] == 3


def test_bad_input_ends_with_its_code_and_masks(tmp_path: Path, fadeout: Fadeout) -> None:
    found_house()
    wrong = house()
    wrong["contacts"][0]["birth_date"] = "[red]Geburtstag[/red]"
    wrong["orders"][0]["currency"] = "[/bold]"
    folder = csv_folder(tmp_path / "in", wrong)
    refused = fadeout("import", folder, "--show-values")  # there is no terminal here
    assert (refused.returncode, refused.stdout) == (BAD_INPUT, "")
    assert (
        "contacts.csv, line 2, column birth_date: not a date (YYYY-MM-DD), "
        "value [xxx]xxxxxxxxxx[/xxx]" in refused.stderr
    )
    assert "value [/bold]" in refused.stderr
    assert "2 mistakes in all" in refused.stderr
    assert "Geburtstag" not in refused.stderr
    assert "Traceback" not in refused.stderr
    assert rows("SELECT count(*) FROM contacts_contact") == [(0,)]


def test_without_a_house_it_says_what_to_do_first(tmp_path: Path, fadeout: Fadeout) -> None:
    refused = fadeout("import", tmp_path)
    assert refused.returncode == BAD_INPUT
    assert "fadeout init" in refused.stderr


def test_a_path_that_is_not_there_is_bad_input(tmp_path: Path, fadeout: Fadeout) -> None:
    found_house()
    refused = fadeout("import", tmp_path / "nowhere")
    assert refused.returncode == BAD_INPUT
    assert "neither a folder nor a zip" in refused.stderr


def test_interrupted_it_changes_nothing_and_says_so(tmp_path: Path) -> None:
    found_house()
    folder = tmp_path / "in"
    folder.mkdir()
    with (folder / "organisations.csv").open("w") as file:
        file.write("code,name\n")
        file.writelines(f"o{n},Name {n}\n" for n in range(1_500_000))
    process = subprocess.Popen(
        [sys.executable, "-m", "fadeout", "import", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not rows("SELECT FROM pg_stat_activity WHERE query LIKE 'COPY%%stage_org%%'"):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Interrupted; nothing was changed." in said
    assert rows("SELECT count(*) FROM sales_organisation") == [(0,)]
