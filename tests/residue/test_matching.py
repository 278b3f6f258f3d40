"""Whole identifiers are found whatever their form, and parts of something longer are not."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fadeout.residue.folding import fold, fold_with_places
from fadeout.residue.identifiers import LONGEST_PHONE, Kind, is_exact, keys_in, of_contact
from fadeout.residue.matching import Matcher, phones_in
from fadeout.residue.redaction import redacted, redacted_json, strings_of_json

MARK = "[removed]"
IDENTIFIERS = (
    (Kind.EMAIL, "anna@example.org"),
    (Kind.EMAIL, fold("Straße@İstanbul.example")),
    (Kind.EMAIL, fold("renée@example.org")),
    (Kind.LOGIN, "anna.meier1"),
    (Kind.NUMBER, "1234567"),
    (Kind.NUMBER, "c-1001x"),
    (Kind.PHONE, "41791234567"),
    (Kind.PHONE, "0441234567"),
    (Kind.PHONE, "2345678"),
    (Kind.NAME, "anna meier"),
    (Kind.NAME, "meier, anna"),
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return matching(IDENTIFIERS)


def matching(identifiers: tuple[tuple[Kind, str], ...]) -> Matcher:
    made = Matcher()
    for owner, (kind, key) in enumerate(identifiers):
        made.add(kind, key, owner)
    return made.freeze()


def taken_out(text: str, matcher: Matcher) -> str:
    return redacted(text, matcher, lambda match: match.exact, MARK)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ANNA@Example.ORG", MARK),
        ("Write to <anna@example.org>, or not.", f"Write to <{MARK}>, or not."),
        ("mailto:anna@example.org?subject=x", f"mailto:{MARK}?subject=x"),
        ("e-mail=anna@example.org&x=1", f"e-mail={MARK}&x=1"),
        ("It is 'anna@example.org'.", f"It is '{MARK}'."),
        ("-anna@example.org", f"-{MARK}"),
        ("anna@example.org.", f"{MARK}."),
        ("a anna@example.org anna@example.org b", f"a {MARK} {MARK} b"),
        ("STRASSE@i\u0307stanbul.EXAMPLE", MARK),
        ("RENE\u0301E@example.org", MARK),
        ("an\u00adna@exam\u200bple.org", MARK),
        ("ａｎｎａ＠example.org", MARK),
        ("login anna.meier1, since May", f"login {MARK}, since May"),
        ("Nr.1234567", f"Nr.{MARK}"),
        ("Kunde 1234567, Reihe 3", f"Kunde {MARK}, Reihe 3"),
        ("C-1001X", MARK),
        ("+41 79 123 45 67", MARK),
        ("0041/79-123.45.67!", f"{MARK}!"),
        ("(+41) (0)79 / 123 45 67", MARK),
        ("tel (+41 79 123 45 67)", f"tel ({MARK})"),
        ("(044) 123 45 67", MARK),
        ("044 123 45 67 079 999 99 99", f"{MARK} 079 999 99 99"),
        ("079 999 99 99 / 044 123 45 67", f"079 999 99 99 / {MARK}"),
        ("044\u2011123\u00a045\u00a067", MARK),
        ("234 56 78", MARK),
        ("044 123 45 67/079 999 00 11", f"{MARK}/079 999 00 11"),
        ("0791112233/0441234567", f"0791112233/{MARK}"),
        ("_anna@example.org_", f"_{MARK}_"),
        ("__anna@example.org__ x", f"__{MARK}__ x"),
        ("C\u20111001X", MARK),
        ("c\u20131001x", MARK),
        ("anna@example.org\u2014no", f"{MARK}\u2014no"),
    ],
)
def test_whole_identifiers_are_taken_out(matcher: Matcher, text: str, left: str) -> None:
    assert taken_out(text, matcher) == left


@pytest.mark.parametrize(
    "text",
    [
        "joanna@example.org",
        "jo_anna@example.org",
        "anna@example.org_x",
        "_anna.meier1",
        "C\u20101234567",
        "jo.anna@example.org",
        "jo-anna@example.org",
        "o'anna@example.org",
        "anna@example.org.uk",
        "anna@example.org-x.example",
        "anna@example.orgs",
        "ànna@example.org",
        "a\u0300nna@example.org",
        "renee@example.org",
        "anna.meier12",
        "anna.meier1@example.org",
        "12345678",
        "A-1234567",
        "1234567-9",
        "1234567/2",
        "x044 123 45 67",
        "044 123 45 67-89",
        "0441234567@example.org",
        "+44 44 123 45 67",
        "044 234 56 78",
    ],
)
def test_parts_of_something_longer_stay(matcher: Matcher, text: str) -> None:
    assert taken_out(text, matcher) == text


@pytest.mark.parametrize(
    "text", ["Anna  Meier", "ANNA\nMEIER", "Meier, Anna", "Seats of Anna Meier's", "079 1234567",
             "1234567.50", "1'234'567 1234567,5"],
)  # fmt: skip
def test_names_and_numbers_among_figures_are_found_and_never_exact(
    matcher: Matcher, text: str
) -> None:
    found = list(matcher.find(fold(text)))
    assert found
    assert not [match for match in found if match.exact]


def test_a_longer_family_name_is_another_name(matcher: Matcher) -> None:
    assert not list(matcher.find(fold("Anna Meier-Keller; Joanna Meier; Anna Meiers")))


@pytest.mark.parametrize(
    ("kind", "key", "exact"),
    [
        (Kind.EMAIL, "a@b.ch", True),
        (Kind.EMAIL, "anna", False),
        (Kind.LOGIN, "anna7", False),
        (Kind.LOGIN, "music-lover", False),
        (Kind.LOGIN, "musiclover", False),
        (Kind.LOGIN, "musiclover7", True),
        (Kind.LOGIN, "anna meier 7", False),
        (Kind.LOGIN, "20240131", False),
        (Kind.NUMBER, "123456", False),
        (Kind.NUMBER, "1234567", True),
        (Kind.NUMBER, "20240131", False),
        (Kind.NUMBER, "31012024", False),
        (Kind.NUMBER, "20249999", True),
        (Kind.NUMBER, "k-0012", True),
        (Kind.NUMBER, "2015-11", False),
        (Kind.NUMBER, "2015-11-02", False),
        (Kind.NUMBER, "3.11.2015", False),
        (Kind.NUMBER, "2015/1234567", True),
        (Kind.NUMBER, "90-001-234", True),
        (Kind.LOGIN, "100.00", False),
        (Kind.LOGIN, "12345.00", False),
        (Kind.LOGIN, "1'234'567", False),
        (Kind.LOGIN, "covid-19", False),
        (Kind.LOGIN, "season_2027", False),
        (Kind.LOGIN, "sold_out", False),
        (Kind.LOGIN, "www.theatre.ch", False),
        (Kind.LOGIN, "anna.meier1", True),
        (Kind.LOGIN, "www.theatre.ch/anna7", True),
        (Kind.NUMBER, "kn-100123", True),
        (Kind.NUMBER, "kn-1001", True),
        (Kind.PHONE, "21122019", False),
        (Kind.PHONE, "20191221", False),
        (Kind.PHONE, "99999999", True),
        (Kind.PHONE, "123456", False),
        (Kind.PHONE, "1234567", True),
        (Kind.NAME, "anna maria meier-keller", False),
    ],
)
def test_what_may_mean_something_else_is_not_exact(kind: Kind, key: str, exact: bool) -> None:
    assert is_exact(kind, key) is exact


def test_identifiers_of_a_contact_come_from_its_columns() -> None:
    from fadeout.core.catalogue import texts  # noqa: PLC0415

    _, columns = texts.contacts()
    row = dict.fromkeys(columns) | {
        "contact_number": "C1001", "first_name": " Anna ", "last_name": "MEIER",
        "email": "Anna@Example.org; a.meier@example.com", "phone": "+41 (0)44 123 45 67 (home)",
        "mobile": "079/123 45 67",
    }  # fmt: skip
    assert of_contact(columns, row) == {
        (Kind.NUMBER, "c1001"),
        (Kind.EMAIL, "anna@example.org"),
        (Kind.EMAIL, "a.meier@example.com"),
        (Kind.PHONE, "41441234567"),
        (Kind.PHONE, "0791234567"),
        (Kind.NAME, "anna meier"),
        (Kind.NAME, "meier anna"),
        (Kind.NAME, "meier, anna"),
    }
    assert of_contact(columns, dict.fromkeys(columns)) == set()


@pytest.mark.parametrize(
    ("kind", "typed", "keys"),
    [
        (Kind.PHONE, "079 222 33 44 / 079 222 33 55", {"0792223344", "0792223355"}),
        (Kind.PHONE, "079 222 33 44\n0041 44 222 33 55", {"0792223344", "41442223355"}),
        (Kind.PHONE, "0792223344/+41 (0)44 222 33 55", {"0792223344", "41442223355"}),
        (Kind.PHONE, "222 33 44 / 079 222 33 55", {"2223344", "0792223355"}),
        (Kind.PHONE, "041 234 56 00 041 234 00 01", {"0412345600", "0412340001"}),
        (Kind.PHONE, "020 7946 0958", {"02079460958"}),
        (Kind.PHONE, "+41 (0)44 012 03 04", {"41440120304"}),
        (Kind.PHONE, "0041 044 012 03 04", {"410440120304"}),
        (Kind.PHONE, "044 123 45 67 (home), 079 123 45 67", {"0441234567", "0791234567"}),
        (Kind.EMAIL, "Dora Dietz <dora@example.org>", {"dora@example.org"}),
        (Kind.EMAIL, "mailto:dora@example.org?subject=x", {"dora@example.org"}),
        (Kind.EMAIL, "a@example.org/b@example.org", {"a@example.org", "b@example.org"}),
        (Kind.EMAIL, "a@example.org; 'b@example.org', c@example.org.",
         {"a@example.org", "b@example.org", "c@example.org"}),
        (Kind.EMAIL, "o'neil+x@example.org", {"o'neil+x@example.org"}),
        (Kind.EMAIL, "Renée@exämple.org", {fold("Renée@exämple.org")}),
        (Kind.EMAIL, "not known", {"not known"}),
    ],
)  # fmt: skip
def test_what_a_column_holds_is_told_apart(kind: Kind, typed: str, keys: set[str]) -> None:
    assert set(keys_in(kind, fold(typed))) == keys


def test_json_is_searched_and_redacted_in_its_decoded_strings(matcher: Matcher) -> None:
    document = (
        '{"z": 1.10, "mail": "to \\u0061nna@ex\\u0061mple.org", "anna@example.org": 1e400,'
        ' "[removed]": [null, "anna@example.org", "say \\"hi\\""], "n": 1234567}'
    )
    assert "anna@example.org" in strings_of_json(document)
    left = redacted_json(document, matcher, lambda match: match.exact, MARK)
    assert left == (
        '{"z": 1.10, "mail": "to [removed]", "[removed] 2": 1e400,'
        ' "[removed]": [null, "[removed]", "say \\"hi\\""], "n": 1234567}'
    )
    json.loads(left)


def test_marks_are_left_as_they_are() -> None:
    like_marks = matching(
        (
            (Kind.LOGIN, "[removed]"),
            (Kind.LOGIN, "removed]"),
            (Kind.LOGIN, "row-1234567"),
            (Kind.LOGIN, "[removed].org"),
            (Kind.PHONE, "1234567"),
        )
    )
    mark = "[removed in row-1234567]"
    assert not list(like_marks.find(f"x [removed], {mark}"))
    for text in ("row-1234567", "tel 1234567", "[removed].org", "not removed]"):
        assert list(like_marks.find(text)), text
        left = redacted(text, like_marks, lambda match: match.exact, mark)
        assert mark in left
        assert not list(like_marks.find(left))


@pytest.mark.parametrize(
    "row",
    [
        "0 ",
        "044 123 45 67\n",
        "+41 (0)44 123 45 67 ",
        "(0)",
        "00",
        "(0) 0 ",
        "1 ",
        "044/123-45-67 / ",
    ],
)
def test_the_longest_row_of_digits_is_gone_over_in_a_few_steps_for_each(row: str) -> None:
    """Steps are counted, not seconds: one text of a few kilobytes must not stall a run."""
    steps = 0

    def counted(_frame: object, event: str, _argument: object) -> object:
        nonlocal steps
        steps += event == "line"
        return counted

    text = fold(row * 500 + " 044 765 43 21")
    before = sys.gettrace()
    sys.settrace(counted)
    try:
        found = list(phones_in(text))
    finally:
        sys.settrace(before)
    assert max((len(digits) for *_, digits in found), default=0) <= LONGEST_PHONE
    assert 0 < steps < 300 * len(text)


def test_a_number_at_the_end_of_a_long_row_is_found(matcher: Matcher) -> None:
    others = "079 999 99 99\n" * 300
    assert taken_out(others + "044 123 45 67", matcher) == others + MARK
    assert taken_out("01 " * 4_000 + "044 123 45 67", matcher) == "01 " * 4_000 + MARK


SIGNS = "abßÉe\u0301İ1 .-+%@'_\n,/"
TOKENS = some.text(SIGNS, min_size=3, max_size=9).map(fold).filter(lambda key: len(key) > 2)
IDENTIFYING = some.tuples(
    some.sampled_from([Kind.EMAIL, Kind.LOGIN, Kind.NAME, Kind.NUMBER]), TOKENS
)


def scanned(kind: Kind, key: str, folded: str) -> set[tuple[int, int]]:
    """The plain way: at every place, with the rules of the explanation written as expressions."""
    joints = {
        Kind.NAME: "-", Kind.NUMBER: r"\-+@/'", Kind.EMAIL: r"_.\-+%@'",
    }.get(kind, r".\-+%@'")  # fmt: skip
    word = r"[^\W_]|[\u0300-\u036f]" if kind is Kind.EMAIL else r"\w|[\u0300-\u036f]"
    after = joints.replace("'", "") if kind in (Kind.EMAIL, Kind.LOGIN) else joints
    return {
        (start, start + len(key))
        for start in range(len(folded))
        if folded.startswith(key, start)
        and not re.search(rf"(?:{word})[{joints}]*\Z", folded[max(0, start - 8) : start])
        and not re.match(rf"[{after}]?(?:{word})", folded[start + len(key) :])
    }


@given(some.sets(IDENTIFYING, min_size=1, max_size=6), some.text(SIGNS, max_size=60), some.data())
def test_the_matcher_finds_what_a_plain_scan_finds(
    identifiers: set[tuple[Kind, str]], text: str, data: some.DataObject
) -> None:
    planted = data.draw(some.sampled_from(sorted(identifiers)))[1]
    folded = fold(text[:30] + planted + text[30:])
    ordered = tuple(sorted(identifiers))
    found = {(m.owner, m.start, m.end) for m in matching(ordered).find(folded)}
    assert found == {
        (owner, *span)
        for owner, (kind, key) in enumerate(ordered)
        for span in scanned(kind, key, folded)
    }


@given(some.text(max_size=80))
def test_places_lead_back_to_the_text(text: str) -> None:
    folded, places = fold_with_places(text)
    assert folded == fold(text)
    assert len(places) == len(folded)
    assert places == sorted(places)


@given(
    some.lists(
        some.sampled_from(
            ["anna@example.org", "ß", " ", "x", "É", ".", "044 123 45 67", "\u00ad", "\n", ","]
        )
    )
)
def test_what_is_redacted_is_not_found_again(parts: list[str]) -> None:
    matcher = matching(IDENTIFIERS)
    left = taken_out("".join(parts), matcher)
    assert not [match for match in matcher.find(fold(left)) if match.exact]


def test_many_texts_at_once_are_told_apart(matcher: Matcher) -> None:
    texts = ["", "anna", "@example.org", "anna@example.org", "Anna", "Meier", "x anna@example.org"]
    found = list(matcher.find_in_all(texts))
    assert [(number, match.kind) for number, match in found] == [(3, Kind.EMAIL), (6, Kind.EMAIL)]
