"""Tokens: nobody guesses one, a changed one opens nothing, keys change and old links still open."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.core.errors import BadInput
from fadeout.links import tokens
from fadeout.links.clicks import is_code
from fadeout.links.tokens import LENGTH, LinkKeys

HANDLES = st.integers(0, 2**63 - 1)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> LinkKeys:
    found = LinkKeys(tmp_path_factory.mktemp("keys"))
    found.require(makes=True)
    return found


@settings(max_examples=100, deadline=None)
@given(HANDLES, st.integers(0, LENGTH - 1), st.characters())
def test_a_token_opens_its_own_row_and_a_changed_one_none(
    keys: LinkKeys, handle: int, place: int, letter: str
) -> None:
    token = keys.token(handle)
    assert (len(token), token.isascii(), keys.handle(token)) == (LENGTH, True, handle)
    assert not is_code(token)
    changed = token[:place] + letter + token[place + 1 :]
    # The last letter of base64 has two bits to spare.
    assert keys.handle(changed) in (
        {None} if changed != token and place < LENGTH - 1 else {handle, None}
    )


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_whatever_comes_in_an_address_is_no_token(keys: LinkKeys, text: str) -> None:
    assert keys.handle(text) is None
    assert keys.handle(f"1{text}") is None


def test_another_house_has_other_tokens(keys: LinkKeys, tmp_path: Path) -> None:
    other = LinkKeys(tmp_path)
    other.require(makes=True)
    assert other.handle(keys.token(5)) is None
    assert keys.token(5) != other.token(5)


def test_links_that_are_out_open_under_the_key_they_were_made_with(tmp_path: Path) -> None:
    keys = LinkKeys(tmp_path)
    keys.require(makes=True)
    old = keys.token(5)
    assert keys.renew() == "2"
    new = keys.token(5)
    assert (old[0], new[0]) == ("1", "2")
    assert new[1:] != old[1:]
    fresh = LinkKeys(tmp_path)
    assert (fresh.handle(old), fresh.handle(new)) == (5, 5)
    assert fresh.handle(f"2{old[1:]}") is None
    (tmp_path / "links-1.key").unlink()
    assert LinkKeys(tmp_path).handle(old) is None
    assert (tmp_path / "links-2.key").stat().st_mode & 0o77 == 0


def test_a_key_is_not_made_anew_where_links_are_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"links-1\.key is missing"):
        LinkKeys(tmp_path).require(makes=False)
    keys = LinkKeys(tmp_path)
    keys.require(makes=True)
    for _ in tokens.VERSIONS[1:]:
        keys.renew()
    with pytest.raises(BadInput, match="as often as it can be"):
        keys.renew()
