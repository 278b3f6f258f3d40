"""Settings of the environment that cannot be used are refused by name, before anything is done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fadeout.core import environment
from fadeout.core.errors import BadInput


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"FADEOUT_URL": "fadeout.example.org"}, "FADEOUT_URL is not the address of a site"),
        ({"FADEOUT_URL": "https://example.org/path"}, "FADEOUT_URL is not the address of a site"),
        ({"FADEOUT_SESSION_MINUTES": "soon"}, "FADEOUT_SESSION_MINUTES is not a number from 1 up"),
        ({"FADEOUT_SESSION_MINUTES": "0"}, "FADEOUT_SESSION_MINUTES is not a number from 1 up"),
        ({"FADEOUT_TRUSTED_PROXIES": "-1"}, "FADEOUT_TRUSTED_PROXIES is not a number from 0 up"),
        ({"FADEOUT_OIDC_URL": "https://id.example.org"}, "but not what goes with it"),
        (
            {"FADEOUT_OIDC_URL": "https://id.example.org", "FADEOUT_OIDC_CLIENT_ID": "x",
             "FADEOUT_OIDC_CLIENT_SECRET_FILE": "nowhere"},
            "The file that FADEOUT_OIDC_CLIENT_SECRET_FILE names cannot be read",
        ),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_ends_the_command(given: dict[str, str], said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fadeout", "check"],
        capture_output=True, text=True, check=False, env=os.environ | given,
    )  # fmt: skip
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert said in ended.stderr


def test_what_is_set_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    for name, value in {
        "FADEOUT_URL": "https://fadeout.example.org/",
        "FADEOUT_OIDC_URL": "https://id.example.org/realm",
        "FADEOUT_OIDC_CLIENT_ID": "fadeout",
        "FADEOUT_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
        "FADEOUT_SESSION_MINUTES": "15",
        "FADEOUT_REQUIRE_MFA": "Yes",
    }.items():
        monkeypatch.setenv(name, value)
    assert environment.public_url() == "https://fadeout.example.org"
    assert environment.hosts(environment.public_url()) == ["fadeout.example.org"]
    assert environment.minutes("FADEOUT_SESSION_MINUTES", 60) == 15
    assert environment.is_set("FADEOUT_REQUIRE_MFA")
    assert environment.oidc_origins() == ["https://id.example.org"]
    [app] = environment.oidc_apps()
    assert (app["client_id"], app["secret"]) == ("fadeout", "from a file")


def test_an_address_of_a_site_needs_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FADEOUT_URL", "https://")
    with pytest.raises(BadInput):
        environment.public_url()
