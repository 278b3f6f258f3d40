"""The main job by the real command, from an empty database to one that forgot."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import psycopg
import pytest
from openpyxl import load_workbook
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.conftest import Fadeout
from tests.sentinels import sentinel_house
from tests.support import RECIPIENT

AS_OF = "2024-06-01"  # past on every machine, so that the plan can be approved
INIT = ("init", "--name", "Theatre", "--time-zone", "Europe/Zurich", "--currency", "CHF")
COLOUR = "\x1b["


@pytest.fixture
def second_database(server: str) -> str:
    """A database without any table."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier("second_house")))
    return make_conninfo(server, dbname="second_house")


def test_the_main_job_from_end_to_end(
    database: str, second_database: str, tmp_path: Path, fadeout: Fadeout
) -> None:
    def does(*arguments: str | Path, **more: dict[str, str]) -> str:
        done = fadeout(*arguments, **more)  # type: ignore[arg-type]
        assert done.returncode == 0, done.stderr
        assert COLOUR not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    folder = sentinel_house().write_csv(tmp_path / "in")
    listed, book = tmp_path / "list.csv", tmp_path / "list.xlsx"
    does(*INIT)
    does("policy", "--largest-share", "100")
    does("vault", "init", "--recipient", RECIPIENT)
    does("import", folder)
    told = json.loads(does("simulate", "--as-of", AS_OF, "--csv", listed, "--xlsx", book, "--json"))
    plan, struck = str(told["plan"]), told["struck"]
    assert told["outcomes"] == {"delete": 1, "anonymise": 1, "keep": 1}
    assert struck == 2
    rows = list(csv.DictReader(listed.read_text(encoding="utf-8").splitlines()))
    assert [row["outcome"] for row in rows] == ["anonymise", "delete", "keep"]
    assert load_workbook(book)["Contacts"].max_row == 4
    before = tmp_path / "before.csv"
    does("report", "origin", "--csv", before)
    assert "Town of anonym" in before.read_text(encoding="utf-8")

    assert "is approved" in does("approve", plan, "--yes", str(struck), "--by", "Ada")
    ran = does("run", plan, "--yes", str(struck), "--by", "Bo")
    assert "audits found nothing" in ran

    standing = json.loads(does("status", "--json"))
    assert {k: standing[k] for k in ("state", "struck", "left", "deleted", "anonymised", "kept")} == {
        "state": "done", "struck": 2, "left": 0, "deleted": 1, "anonymised": 1, "kept": 1,
    }  # fmt: skip
    assert not any(standing["audits"].values())
    after = tmp_path / "after.csv"
    does("report", "origin", "--csv", after)
    assert after.read_bytes() == before.read_bytes()

    out = tmp_path / "out"
    does("export", out)
    texts = "".join(path.read_text(encoding="utf-8") for path in sorted(out.iterdir()))
    assert "sentinel-kept-number" in texts
    assert not re.search("sentinel-(deleted|anonym|old-ticket|walk-up)", texts)
    assert "XXXXXXXX" not in texts
    again, there = tmp_path / "again.csv", tmp_path / "there.csv"
    does("simulate", "--as-of", AS_OF, "--csv", again)
    other = {"FADEOUT_DATABASE_URL": second_database, "FADEOUT_KEYS": str(tmp_path / "other keys")}
    does(*INIT, environment=other)
    does("import", out, environment=other)
    does("simulate", "--as-of", AS_OF, "--csv", there, environment=other)
    assert there.read_bytes() == again.read_bytes()
    assert again.read_text(encoding="utf-8").count("\n") == 2


def test_wrong_usage_of_the_real_command_shows_no_traceback(
    database: str, fadeout: Fadeout
) -> None:
    for arguments in (["nosuch"], ["run", "-1"], ["simulate", "--as-of", "2026-02-30"], []):
        ended = fadeout(*arguments)
        assert ended.returncode == 2, arguments
        assert "Traceback" not in ended.stderr + ended.stdout, arguments
        assert "Usage" in ended.stderr + ended.stdout, arguments
