"""Parts that pages share: what somebody looked for, and what things are called."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from django.template import engines
from django.utils import translation

from fadeout import console
from fadeout.console.frame import sought, words
from fadeout.policy.outcomes import Activity, Outcome, PlanKind, Reason
from fadeout.recency.words import ACTIVITIES
from fadeout.runs.models import RunState

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request


class Asked:
    """A request of which only the session matters."""

    def __init__(self) -> None:
        self.session: dict[str, object] = {}


def test_what_was_typed_is_kept_by_page() -> None:
    request = cast("Request", Asked())
    sought.keep(request, "contacts", {"typed": "Dupont"})
    sought.keep(request, "plans", {"outcome": "delete"})
    assert sought.kept(request, "contacts") == {"typed": "Dupont"}
    sought.keep(request, "contacts", {})
    assert sought.kept(request, "contacts") == {}
    assert sought.kept(request, "plans") == {"outcome": "delete"}
    sought.forget(request, "plans")
    assert sought.kept(request, "plans") == {}


def test_a_last_step_is_sent_to_its_own_address() -> None:
    """Also when it is shown again after somebody proved who they are, at the address of the proof."""
    forms = [
        form
        for path in Path(console.__file__).parent.rglob("templates/**/*.html")
        for form in re.findall(r"<form[^>]*final-step[^>]*>", path.read_text())
    ]
    assert len(forms) > 5
    assert all(" action=" in form for form in forms), forms


@pytest.mark.parametrize(
    ("language", "day", "told"),
    [
        ("fr", 1, "1er juin 2027 · 1er juin 2027"),
        ("fr", 21, "21 juin 2027 · 21 juin 2027"),
        ("de", 1, "1. Juni 2027 · 1. Juni 2027"),
        ("en", 1, "1 June 2027 · 1 Jun 2027"),
    ],
)
def test_days_are_as_people_write_them(language: str, day: int, told: str) -> None:
    """Not "Jui" for June and July, and the first of a month as the French say it."""
    page = engines["django"].from_string(
        '{{ day|date:"DATE_FORMAT" }} · {{ day|date:"SHORT_DATE_FORMAT" }}'
    )
    with translation.override(language):
        assert page.render({"day": date(2027, 6, day)}) == told


def test_every_word_of_the_rule_book_has_a_name() -> None:
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.REASONS) == set(Reason)
    assert set(ACTIVITIES) == set(Activity)
    assert set(words.PLAN_KINDS) == set(PlanKind)
    assert set(words.RUN_STATES) == {*map(str, RunState), "interrupted"}
