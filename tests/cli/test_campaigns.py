"""``fadeout campaign``, from the first draft to what came back, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import support
from tests.campaigns import house
from tests.conftest import Fadeout
from tests.mail_server import Box


def test_a_campaign_from_the_first_draft_to_the_last_mail(
    database: str, box: Box, fadeout: Fadeout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FADEOUT_URL", house.URL)
    support.founded()
    for number in ("1", "2"):
        house.person(number)
    house.person("3", answer="no")
    house.everybody()
    house.link()
    sender = ("--from", "news@theatre.example", "--from-name", "Theatre", "--target", "everybody")
    refused = fadeout("campaign", "add", "Late", "--type", "purchase", *sender)
    assert refused.returncode == 2
    assert "never said yes" in refused.stderr
    made = fadeout("campaign", "add", "Spring", *sender, "--link", "season", "--json")
    assert made.returncode == 0, made.stderr
    number = json.loads(made.stdout)["id"]
    mjml, plain = tmp_path / "a.mjml", tmp_path / "a.txt"
    mjml.write_text(house.MJML.replace("first_name", "frist_name"))
    plain.write_text(house.PLAIN)
    text = ("campaign", "text", number, "--subject", "Hello", "--mjml", mjml, "--plain", plain)
    wrong = fadeout(*text)
    assert (wrong.returncode, "Line 3: there is no such tag" in wrong.stderr) == (2, True)
    mjml.write_text(house.MJML)
    assert fadeout(*text).returncode == 0
    seen = fadeout("campaign", "preview", number, "--contact", "1")
    assert "Hello First 1," in seen.stdout
    reach = json.loads(fadeout("campaign", "audience", number, "--json").stdout)
    assert reach == {"target": 3, "reached": 2, "left_out": {"said_no": 1}}
    more = fadeout("campaign", "send", number, "--here", "--yes", "3")
    assert (more.returncode, "not the number" in more.stderr) == (2, True)
    assert box.mails == []
    sent = fadeout("campaign", "send", number, "--here", "--yes", "2")
    assert sent.returncode == 0, sent.stderr
    assert "Sent to 2" in sent.stdout
    assert len(box.mails) == 2
    shown = json.loads(fadeout("campaign", "show", number, "--json").stdout)
    assert (shown["state"], shown["sent"], shown["left_out"]) == ("sent", 2, {"said_no": 1})
    assert "Spring" in fadeout("campaign", "list").stdout
    back = fadeout("campaign", "bounces", "-", "--json", stdin="Hello\n")
    assert json.loads(back.stdout)["no_report"] == 1
