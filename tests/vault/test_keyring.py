"""Keys: wrapped to support alone, bound to the day they expire, destroyed for good."""

from __future__ import annotations

import hashlib
import stat
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from pyrage import x25519

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.vault import keyring
from fadeout.vault.keyring import DataKey, Keyring, Label
from tests.support import IDENTITY, RECIPIENT

DAY = date(2027, 6, 1)
LAYOUT = [("contacts_contact", ["id", "email"])]
SUPPORT = [x25519.Identity.from_str(IDENTITY)]


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    made = Keyring(tmp_path / "keys")
    assert made.set_recipient(RECIPIENT)
    return made


def made(ring: Keyring) -> DataKey:
    return ring.new_data_key(expires_on=DAY, layout=LAYOUT)[0]


def file_of(ring: Keyring, tmp_path: Path) -> Path:
    [path] = (tmp_path / "keys").rglob("*.age")
    return path


def test_only_support_can_unwrap_a_data_key_and_open_what_is_sealed(ring: Keyring) -> None:
    key = made(ring)
    sealed = key.seal(b"who it was")
    again = ring.unwrap(key.label, SUPPORT)
    assert again is not None
    assert (again.open(sealed), again.layout) == (b"who it was", [list(LAYOUT[0])])
    assert ring.unwrap(key.label, [x25519.Identity.generate()]) is None


def test_the_secret_is_neither_stored_readable_nor_printed(ring: Keyring, tmp_path: Path) -> None:
    key = made(ring)
    stored = file_of(ring, tmp_path).read_bytes()
    assert stored.startswith(b"age-encryption.org/v1")
    assert key.secret not in stored
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_no_two_records_are_sealed_alike(ring: Keyring) -> None:
    key = made(ring)
    assert key.seal(b"the same") != key.seal(b"the same")


@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_changed_record_is_refused(ring: Keyring, place: int) -> None:
    key = made(ring)
    sealed = bytearray(key.seal(b"who it was"))
    sealed[place] ^= 1
    with pytest.raises(DidNotHold, match="was changed"):
        key.open(bytes(sealed))


def test_a_record_of_another_key_or_day_is_refused(ring: Keyring) -> None:
    key, other = made(ring), made(ring)
    prolonged = DataKey(Label(key.label.key_id, date(2099, 1, 1)), LAYOUT, key.secret)
    for wrong in (other, prolonged):
        with pytest.raises(DidNotHold):
            wrong.open(key.seal(b"who it was"))


def test_a_key_renamed_to_another_day_is_found_out(ring: Keyring, tmp_path: Path) -> None:
    key = made(ring)
    path = file_of(ring, tmp_path)
    later = path.parent.with_name("2099-01-01")
    path.parent.rename(later)
    [label] = ring.labels()
    assert label == Label(key.label.key_id, date(2099, 1, 1))
    with pytest.raises(DidNotHold, match="changed or renamed"):
        ring.unwrap(label, SUPPORT)


def test_a_damaged_key_is_found_out(ring: Keyring, tmp_path: Path) -> None:
    key = made(ring)
    path = file_of(ring, tmp_path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DidNotHold, match="changed or renamed"):
        ring.unwrap(key.label, SUPPORT)


def test_a_destroyed_key_is_gone_with_its_bytes(ring: Keyring, tmp_path: Path) -> None:
    key = made(ring)
    path = file_of(ring, tmp_path)
    before = path.read_bytes()
    linked = tmp_path / "another name of the same file"
    linked.hardlink_to(path)
    assert ring.destroy(key.label)
    assert (ring.labels(), path.exists(), path.parent.exists()) == ([], False, False)
    assert linked.read_bytes() != before
    assert not ring.destroy(key.label)
    assert ring.unwrap(key.label, SUPPORT) is None


def test_files_and_folders_are_for_their_owner_alone(ring: Keyring, tmp_path: Path) -> None:
    made(ring)
    for path in (tmp_path / "keys").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_digest_is_that_of_the_wrapped_file(ring: Keyring, tmp_path: Path) -> None:
    key, digest = ring.new_data_key(expires_on=DAY, layout=LAYOUT)
    assert digest == hashlib.sha256(file_of(ring, tmp_path).read_bytes()).hexdigest()
    assert ring.digest(key.label) == digest
    assert ring.digest(Label(uuid4(), DAY)) is None


def test_another_recipient_is_refused_unless_the_old_one_is_to_be_replaced(ring: Keyring) -> None:
    _, other = keyring.new_identity()
    old = made(ring)
    with pytest.raises(BadInput, match="another recipient"):
        ring.set_recipient(other)
    assert ring.recipient() == RECIPIENT
    assert not ring.set_recipient(RECIPIENT)
    assert ring.set_recipient(other, replace=True)
    new = made(ring)
    assert ring.unwrap(old.label, SUPPORT) is not None
    assert ring.unwrap(new.label, SUPPORT) is None


@pytest.mark.parametrize(
    "wrong",
    ["", "age1", "age1nonsense", IDENTITY, "ssh-ed25519 AAAA", RECIPIENT[:-1]],
    ids=["none", "a beginning", "a word", "a private key", "of SSH", "a letter too few"],
)
def test_what_is_no_public_key_is_refused_without_being_shown(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(BadInput, match="not a public key") as refused:
        Keyring(tmp_path).set_recipient(wrong)
    assert not wrong or wrong == "age1" or wrong not in str(refused.value)
    assert not (tmp_path / "vault").exists()


def test_without_a_recipient_there_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no recipient"):
        made(Keyring(tmp_path))


def test_what_is_no_key_in_the_folder_is_told_and_in_nobodys_way(
    ring: Keyring, tmp_path: Path
) -> None:
    key = made(ring)
    stray = file_of(ring, tmp_path).with_name("copy of it.age")
    assert ring.strays() == []
    stray.write_bytes(b"")
    assert ring.strays() == [stray]
    assert ring.labels() == [key.label]


def test_what_expired_is_remembered_by_day_and_by_when_it_was_done(ring: Keyring) -> None:
    sealed_on, before, after = date(2026, 6, 1), date(2026, 5, 1), date(2026, 7, 1)
    assert not ring.has_expired(DAY, sealed_on=sealed_on)
    ring.note_expired(date(2030, 1, 1), today=before)
    assert not ring.has_expired(DAY, sealed_on=sealed_on), "sealed after that was done"
    ring.note_expired(DAY, today=after)
    assert ring.has_expired(DAY, sealed_on=sealed_on)
    assert not ring.has_expired(date(2027, 6, 2), sealed_on=date(2026, 6, 2))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no private key"),
        (b"# a comment\n\n", "no private key"),
        (b"# fine\nAGE-SECRET-KEY-1NOT\n", "Line 2"),
        (RECIPIENT.encode(), "Line 1"),
        (b"\xff\xfe\x00", "cannot be read"),
        (None, "cannot be read"),
    ],
    ids=["empty", "only a comment", "a broken key", "a public key", "not a text", "no file"],
)
def test_an_identity_file_that_is_none_is_told_without_its_content(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "identity"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=told) as refused:
        keyring.identities_in(path)
    assert "SECRET-KEY-1NOT" not in str(refused.value)
    assert RECIPIENT not in str(refused.value)


def test_an_identity_file_of_age_keygen_is_read(tmp_path: Path) -> None:
    path = tmp_path / "identity"
    path.write_text(f"# created: today\n# public key: {RECIPIENT}\n{IDENTITY}\n", encoding="ascii")
    [identity] = keyring.identities_in(path)
    assert str(identity.to_public()) == RECIPIENT
