"""What a house writes: merge tags and MJML, refused with the line of what is wrong."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.campaigns import markup, merge, texts
from fadeout.campaigns.markup import MarkupError
from fadeout.campaigns.merge import MergeError, Tag
from fadeout.campaigns.models import CampaignText
from fadeout.campaigns.refusals import Refused
from tests.campaigns import house

NAMES = [*merge.OF_A_CONTACT, *merge.ADDRESSES, *merge.OF_THE_HOUSE, "link", "link_2"]
fallbacks = st.text(st.characters(exclude_characters="{}|\r\n", exclude_categories=["Cs", "Cc"]))
written = st.lists(
    st.one_of(
        st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"])),
        st.builds(
            lambda name, fallback: f"{{{{ {name}|{fallback} }}}}",
            st.sampled_from(NAMES), fallbacks,
        ),
    )
)  # fmt: skip
values = st.dictionaries(st.sampled_from(NAMES), st.text(max_size=300))


@settings(max_examples=150, deadline=None)
@given(written.map("".join), values)
def test_whatever_stands_in_place_of_a_tag_is_one_line_and_harmless(
    text: str, known: dict[str, str]
) -> None:
    parts = merge.parsed(text)
    assert "".join(part for part in parts if isinstance(part, str)) == merge.TAG.sub("", text)
    plain, shown = merge.plain(parts, known), merge.html(parts, known)
    assert "{{" not in plain + shown
    assert "}}" not in plain + shown
    only_tags = [part for part in parts if isinstance(part, Tag)]
    for tag in only_tags:
        value = merge.plain([tag], known)
        assert "".join(value.splitlines()) == value
        assert not any(map(merge.breaks, merge.one_line(known.get(tag.name, ""))))
        escaped = merge.html([tag], known)
        if merge.one_line(known.get(tag.name, "")):
            assert unescape(escaped) == value
            assert not re.search(r"[<>\"']", escaped)
        else:
            assert escaped == value == tag.fallback


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="{}|ab _\nfirst_nmelik2", max_size=40))
def test_a_text_is_taken_apart_or_refused_with_a_line_of_it(text: str) -> None:
    lines, refused = text.split("\n"), None
    try:
        parts = merge.parsed(text)
    except MergeError as error:
        refused = error
    if refused is None:
        assert all(tag.name in NAMES or merge.LINK.match(tag.name) for tag in merge.tags(parts))
    else:
        assert 1 <= refused.line <= len(lines)
        assert refused.what[:2] in lines[refused.line - 1]


def of_body(inside: str) -> str:
    return f"<mjml>\n<mj-body><mj-section><mj-column>\n{inside}\n</mj-column></mj-section></mj-body></mjml>"


@pytest.mark.parametrize(
    ("mjml", "fault", "line"),
    [
        (" \n", "empty", 1),
        ("hello", "not_mjml", 1),
        ("<html></html>", "not_mjml", 1),
        ("<mjml>\n</mjml>", "no_body", 1),
        ("<mjml><mj-body>\n</mj-body></mjml>\nmore", "not_mjml", 2),
        ("<mjml>\n<mj-body>", "not_closed", 2),
        (of_body("<mj-secton />"), "unknown_element", 3),
        (of_body("<MJ-TEXT>x</MJ-TEXT>"), "unknown_element", 3),
        (of_body("<mj-text>\n<b>x</mj-text>"), "not_closed", 4),
        (of_body("<mj-text>\nx</b></mj-text>"), "not_open", 4),
        (of_body('<mj-include path="/etc/passwd" />'), "include", 3),
        (of_body("<mj-raw><script>1</script></mj-raw>"), "unknown_element", 3),
        (of_body("<mj-raw><iframe></iframe></mj-raw>"), "unknown_element", 3),
        (of_body("<mj-accordion></mj-accordion>"), "unknown_element", 3),
        (of_body('<mj-text><a href="javascript:1">x</a></mj-text>'), "scheme", 3),
        (of_body('<mj-text><a href="jav&#10;ascript:1" href="https://e.org">x</a></mj-text>'), "scheme", 3),
        (of_body('<mj-text><a onclick="x">x</a></mj-text>'), "event_attribute", 3),
        (of_body('<mj-image src="https://example.org/a.png" />'), "picture_without_text", 3),
        (of_body("<mj-social><mj-social-element/></mj-social>"), "icon_from_elsewhere", 3),
        (of_body("<mj-text>\n1 < 2</mj-text>"), "bare_sign", 4),
        ("<mjml><mj-body>" + "<mj-wrapper>" * 5_000, "too_deep", 1),
        (of_body("<mj-text css-class='{{ first_name|x }}'>x</mj-text>"), "tag_in_this_place", 3),
        (of_body("<mj-text><a href='https://e.org/{{ link }}'>x</a></mj-text>"), "tag_in_this_place", 3),
        (of_body("<mj-text>{{ frist_name|x }}</mj-text>"), "unknown_tag", 3),
        (of_body("<mj-text>\n{{ first_name }}</mj-text>"), "no_fallback", 4),
        (of_body("<mj-text>{{ first_name|x }</mj-text>"), "broken_tag", 3),
    ],
)  # fmt: skip
def test_mjml_is_refused_with_the_line_of_what_is_wrong(mjml: str, fault: str, line: int) -> None:
    with pytest.raises((MarkupError, MergeError)) as refused:
        markup.to_html(mjml)
    assert (refused.value.fault, refused.value.line) == (fault, line)  # type: ignore[union-attr]


def test_html_has_nothing_that_is_fetched_from_elsewhere() -> None:
    shown = markup.to_html(house.MJML)
    assert "Hello {{ first_name|friend }}" in shown
    assert re.findall(r"(?:src|url\(|@import)[^>]*https?://", shown) == []
    assert "<script" not in shown


def test_a_subject_is_one_line_without_addresses() -> None:
    for subject, field in (("", "subject"), ("a\nb", "subject"), ("{{ link }}", "subject")):
        with pytest.raises(Refused) as refused:
            texts.compiled(CampaignText(language="en", subject=subject, mjml=house.MJML, plain=""))
        assert refused.value.field == field


@pytest.mark.parametrize("sign", ["\N{NO-BREAK SPACE}!", "\N{NARROW NO-BREAK SPACE}?", "👨‍👩‍👧"])
def test_a_subject_has_spaces_that_do_not_break_and_signs_that_are_joined(sign: str) -> None:
    said = texts.compiled(
        CampaignText(language="fr", subject=f"Restons en contact{sign}", mjml=house.MJML, plain="")
    )
    assert merge.plain(said.subject, {}) == f"Restons en contact{sign}"
    assert merge.one_line(f"a{sign}") == f"a{sign}"
    assert merge.one_line(f"a{sign}\N{RIGHT-TO-LEFT OVERRIDE}b\rc") == f"a{sign} b c"


def test_an_address_is_never_cut_off_a_name_is() -> None:
    address = "https://www.example.org/?" + "x" * 1_000
    long = {"link": address, "first_name": "y" * 1_000}
    parts = merge.parsed("{{ link }} {{ first_name|z }}")
    assert merge.plain(parts, long) == f"{address} {'y' * merge.LONGEST_VALUE}"
