"""Where a link may lead, and in which form that is kept."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.links.destinations import LONGEST, UTM, checked, with_utm
from fadeout.links.refusals import LinkRefused, Why


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://www.example.org ", "https://www.example.org/"),
        ("HTTPS://WWW.Example.org/A?b=C#d", "https://www.example.org/A?b=C#d"),
        ("http://theater-zürich.example.org/übersicht?wer=Zoë",
         "http://xn--theater-zrich-4ob.example.org/%C3%BCbersicht?wer=Zo%C3%AB"),
        ("https://例え.example.org:8443/100%", "https://xn--r8jz45g.example.org:8443/100%25"),
        ("https://www.example.org/a%20b?x=1&y='\"<", "https://www.example.org/a%20b?x=1&y='%22%3C"),
        ("http://192.0.2.1/x", "http://192.0.2.1/x"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]:80/x"),
    ],
)  # fmt: skip
def test_an_address_is_kept_as_it_goes_over_the_wire(typed: str, kept: str) -> None:
    assert checked(typed) == kept
    assert checked(kept) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Why.NOT_AN_ADDRESS),
        ("javascript:alert(1)", Why.NOT_OF_THE_WEB),
        ("data:text/html,x", Why.NOT_OF_THE_WEB),
        ("ftp://www.example.org/", Why.NOT_OF_THE_WEB),
        ("//www.example.org/", Why.NOT_OF_THE_WEB),
        ("www.example.org", Why.NOT_OF_THE_WEB),
        ("https:///x", Why.NOT_AN_ADDRESS),
        ("https://ada:secret@www.example.org/", Why.CREDENTIALS),
        ("https://www.example.org@evil.example.net/", Why.CREDENTIALS),
        ("https://www.example.org/\r\nSet-Cookie: x=1", Why.NOT_AN_ADDRESS),
        ("https://www.exa\x00mple.org/", Why.NOT_AN_ADDRESS),
        ("https://www.example.org/a b", Why.NOT_AN_ADDRESS),
        ("https://www.example.org\\@evil.example.net/", Why.NOT_AN_ADDRESS),
        ("https://www.example.org:99999/", Why.NOT_AN_ADDRESS),
        ("https://exa_mple..org/", Why.NOT_AN_ADDRESS),
        ("https://1.2.3/", Why.NOT_AN_ADDRESS),
        ("https://[::1/", Why.NOT_AN_ADDRESS),
        ("https://www.example.org/" + "x" * LONGEST, Why.TOO_LONG),
        ("https://www.example.org/" + "ü" * (LONGEST // 4), Why.TOO_LONG),
    ],
)
def test_what_is_no_page_of_the_web_is_refused(typed: str, why: Why) -> None:
    with pytest.raises(LinkRefused) as refused:
        checked(typed)
    assert refused.value.why is why
    assert typed.strip() not in str(refused.value) or not typed.strip()


def test_a_link_that_leads_to_a_tracked_link_is_refused() -> None:
    with override_settings(PUBLIC_URL="https://fadeout.example.org"):
        assert checked("https://fadeout.example.org/stay/")
        with pytest.raises(LinkRefused) as refused:
            checked("https://fadeout.example.org/r/abcdefgh")
    assert refused.value.why is Why.LEADS_TO_ITSELF


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_typed_is_refused_or_safe_to_send(text: str) -> None:
    for typed in (text, f"https://www.example.org/{text}", f"https://{text}/"):
        try:
            kept = checked(typed)
        except LinkRefused:
            continue
        assert kept.startswith(("http://", "https://"))
        assert all("!" <= letter <= "~" for letter in kept)
        assert "@" not in urlsplit(kept).netloc
        assert checked(kept) == kept


WORDS = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(UTM), WORDS))
def test_utm_parameters_take_the_place_of_those_that_are_there(values: dict[str, str]) -> None:
    try:
        [value.encode() for value in values.values()]
    except UnicodeEncodeError:
        return
    address = with_utm("https://www.example.org/a?b=1&utm_source=old&b=2&c#end", values)
    parts = urlsplit(address)
    got = parse_qsl(parts.query, keep_blank_values=True)
    assert [pair for pair in got if pair[0] not in UTM] == [("b", "1"), ("b", "2"), ("c", "")]
    assert {key: value for key, value in got if key in UTM} == {"utm_source": "old"} | values
    assert (parts.fragment, checked(address)) == ("end", address)
