"""What is a click of a human: each rule by examples, and bursts against a second way of finding them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.links import human
from fadeout.links.human import Asked, Earlier, Sign, judge, sign_of_program
from tests.links.house import BY_HAND, FIREFOX, NOW, at

PEOPLE = (
    FIREFOX,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Instagram 390.0.0.28.85",
)
PROGRAMS = (
    "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.25.9 A",
    "TelegramBot (like TwitterBot)",
    "curl/8.5.0",
    "Python-urllib/3.11",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0",
)


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_browsers_of_people_count(user_agent: str) -> None:
    assert sign_of_program(Asked("GET", user_agent)) is None
    assert sign_of_program(Asked("GET", user_agent, mode="navigate")) is None


@pytest.mark.parametrize("user_agent", PROGRAMS)
def test_programs_that_say_so_do_not(user_agent: str) -> None:
    assert sign_of_program(Asked("GET", user_agent)) is Sign.SCANNER
    assert sign_of_program(Asked("GET", user_agent.upper())) is Sign.SCANNER


@pytest.mark.parametrize(
    ("more", "sign"),
    [
        ({"method": "HEAD"}, Sign.HEAD),
        ({"purposes": "prefetch"}, Sign.FETCHED_AHEAD),
        ({"purposes": "Prefetch;Prerender"}, Sign.FETCHED_AHEAD),
        ({"purposes": "preview"}, Sign.FETCHED_AHEAD),
        ({"mode": "no-cors"}, Sign.NOT_A_PAGE),
        ({"user_agent": " "}, Sign.NOBODY),
    ],
)
def test_what_a_request_says_of_itself(more: dict[str, str], sign: Sign) -> None:
    assert sign_of_program(BY_HAND) is None
    assert sign_of_program(replace(BY_HAND, **more)) is sign


def test_nobody_reads_a_mail_before_it_is_there() -> None:
    def sign(seconds: float) -> Sign | None:
        return judge(BY_HAND, link=1, at=at(seconds), delivered_at=NOW).sign

    assert [sign(s) for s in (-60, 0, 4.9, 5, 6)] == [Sign.TOO_SOON] * 3 + [None, None]
    assert judge(BY_HAND, link=1, at=NOW).is_human


def test_another_link_of_the_mail_within_seconds_turns_the_first_click() -> None:
    first = Earlier(key=7, link=1, at=NOW, automated=False)
    verdict = judge(BY_HAND, link=2, at=at(3), earlier=[first])
    assert (verdict.sign, verdict.turned) == (Sign.BURST, (first,))
    assert judge(BY_HAND, link=2, at=at(3.1), earlier=[first]).is_human
    assert judge(BY_HAND, link=1, at=at(1), earlier=[first]).is_human  # a double click


CLICKS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 3), st.booleans()), min_size=1, max_size=12
)


@settings(max_examples=200, deadline=None)
@given(CLICKS)
def test_what_was_judged_one_by_one_is_what_the_whole_would_say(
    clicks: list[tuple[int, int, bool]],
) -> None:
    """Tenths of seconds, links, whether a scanner says so: several in a row without a gap are a burst."""
    told: list[Earlier] = []
    for key, (tenths, link, says_so) in enumerate(sorted(clicks), start=1):
        asked = replace(BY_HAND, method="HEAD") if says_so else BY_HAND
        when = at(tenths / 10)
        since = when - human.LOOKS_BACK
        verdict = judge(asked, link=link, at=when, earlier=[c for c in told if c.at >= since])
        told = [replace(c, automated=c.automated or c in verdict.turned) for c in told]
        told.append(Earlier(key, link, when, not verdict.is_human))

    runs: list[list[int]] = []
    ordered = sorted(clicks)
    for place, (tenths, *_) in enumerate(ordered):
        gap = tenths - ordered[place - 1][0] if place else None
        if gap is not None and timedelta(seconds=gap / 10) <= human.BETWEEN_LINKS:
            runs[-1].append(place)
        else:
            runs.append([place])
    bursts = {p for run in runs if len({ordered[q][1] for q in run}) > 1 for p in run}
    expected = [ordered[p][2] or p in bursts for p in range(len(ordered))]
    assert [click.automated for click in told] == expected
