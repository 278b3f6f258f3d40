"""What a run must know after a crash, encrypted, beside a key of its own that is destroyed in the end.

``FADEOUT_KEYS/runs/<name>.key`` is the key of one run, ``<name>.known`` what it wrote before its first
change, ``<name>.later`` what it learnt since, block by block.

What could go wrong, and what prevents it:

- Somebody reads the files: AES-256-GCM, a fresh key for each run, a folder that only its owner enters.
- Blocks are changed, swapped, left out or taken from another run: each is bound to its run and its
  place, and the first file to its end.
- The command dies while it writes: the first file appears whole or not at all; a block of the second
  one that is torn was never acted upon, and is cut off.
- The disk is full: said so, before anything is changed.
- Files of a run that ended, or that the database no longer knows, stay behind: :func:`sweep`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fadeout.core import files
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.keys import folder as key_folder

FORMAT = b"fadeout run 1\n"
KEY_BYTES, NONCE_BYTES, LENGTH_BYTES = 32, 12, 4
LAST = b"last"
KEY, KNOWN, LATER = ".key", ".known", ".later"

Put = Callable[[bytes], None]


class RunFiles:
    """The files of one run.

    Args:
        folder: the key folder.
        house: whose run it is; a name for files, without any meaning.
        label: what no other run has, also none of a restored database.
    """

    def __init__(self, folder: Path, house: str, label: str) -> None:
        self._folder = folder / "runs"
        self._label = label.encode()
        self._base = self._folder / _name(house, label)
        self._one_at_a_time = threading.Lock()
        self._later_blocks = 0

    def exist(self) -> bool:
        """Whether this run wrote down what it must know, all of it."""
        return self._path(KNOWN).exists()

    @contextmanager
    def writing(self) -> Iterator[Put]:
        """Make a fresh key and write block after block; all is on disk, or nothing, in the end.

        Raises:
            BadInput: the folder cannot be made.
            DidNotHold: the disk is full, or cannot be written to.
        """
        with self._refusing():
            self._open_folder()
            self.destroy()
            try:
                yield from self._written()
            except BaseException:
                with suppress(OSError):
                    self.destroy()
                raise

    def _written(self) -> Iterator[Put]:
        key = secrets.token_bytes(KEY_BYTES)
        with files.written(self._path(KEY)) as file:
            file.write(key)
        known, beside = self._path(KNOWN), self._path(KNOWN + ".part")
        with files.replacing(known, beside=beside) as file:
            file.write(FORMAT)
            count = 0

            def put(block: bytes) -> None:
                nonlocal count
                file.write(self._encrypted(key, KNOWN, count, block))
                count += 1

            yield put
            put(LAST)

    def known(self) -> Iterator[bytes]:
        """What was written before the first change, block by block.

        Raises:
            DidNotHold: key or file are missing, damaged, or not those of this run.
        """
        key, block, ended = self._key(), b"", False
        for block in self._decrypted(key, KNOWN):
            if ended:
                break
            ended = block == LAST
            if not ended:
                yield block
        if not ended or block != LAST:
            raise self._unreadable("it has lost its end, or grown")

    def append(self, block: bytes) -> None:
        """Write down something learnt since; it is on disk on return.

        Raises:
            DidNotHold: the disk is full, or cannot be written to; or the key is gone.
        """
        key = self._key()
        with self._refusing(), self._one_at_a_time:
            is_new = not self._path(LATER).exists()
            encrypted = self._encrypted(key, LATER, self._later_blocks, block)
            _append(self._path(LATER), encrypted)
            self._later_blocks += 1
            if is_new:
                files.sync_folder(self._folder)

    def later(self) -> Iterator[bytes]:
        """What was learnt since, block by block; a torn last block is cut off."""
        with self._one_at_a_time:
            self._later_blocks = 0
            if self._path(LATER).exists():
                for block in self._decrypted(self._key(), LATER):
                    self._later_blocks += 1
                    yield block

    def destroy(self) -> None:
        """Remove key and files; the key first, so that what is left of the rest says nothing."""
        if self._folder.exists():
            _remove(self._folder, {self._base.name})

    def _path(self, suffix: str) -> Path:
        return self._base.with_name(self._base.name + suffix)

    def _open_folder(self) -> None:
        key_folder.opened(self._folder)
        self._folder.chmod(0o700)  # somebody may have made it, for all to enter

    def _key(self) -> bytes:
        try:
            key = self._path(KEY).read_bytes()
        except OSError as error:
            raise self._unreadable("its key is missing") from error
        if len(key) != KEY_BYTES:
            raise self._unreadable("its key is damaged")
        return key

    def _about(self, which: str, number: int) -> bytes:
        return b"\0".join((FORMAT, which.encode(), str(number).encode(), self._label))

    def _encrypted(self, key: bytes, which: str, number: int, block: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, block, self._about(which, number))
        return (len(nonce) + len(sealed)).to_bytes(LENGTH_BYTES, "big") + nonce + sealed

    def _decrypted(self, key: bytes, which: str) -> Iterator[bytes]:
        try:
            with self._path(which).open("r+b") as file:
                if which == KNOWN and file.read(len(FORMAT)) != FORMAT:
                    raise self._unreadable("it is of another form")
                number = 0
                while (place := file.tell()) < os.fstat(file.fileno()).st_size:
                    sealed = file.read(int.from_bytes(file.read(LENGTH_BYTES), "big"))
                    if which == LATER and _is_torn(file.fileno(), place, len(sealed)):
                        os.ftruncate(file.fileno(), place)
                        return
                    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
                    yield AESGCM(key).decrypt(nonce, text, self._about(which, number))
                    number += 1
        except OSError as error:
            raise self._unreadable(error.strerror or "it cannot be read") from error
        except (InvalidTag, ValueError) as error:
            raise self._unreadable("it is damaged, or of another run") from error

    def _unreadable(self, why: str) -> DidNotHold:
        return DidNotHold(
            f"What this run knew before it was interrupted cannot be read ({self._path(KNOWN)}): {why}.",
            way_out="Put the file and its key back as they were. If they are lost, end the run (fadeout "
            "cancel) and simulate again: texts are then not searched any more for whom it struck.",
        )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except BadInput:
            raise
        except OSError as error:
            so = "What a run has to know after a crash must be there before it changes anything."
            raise key_folder.cannot_be_written(self._folder, error, so) from error


def sweep(folder: Path, house: str, keep: Collection[str]) -> int:
    """Destroy the files of this house's runs but of those with these labels; tells of how many runs.

    Those that the database does not know any more, after a restore say, are among them.
    """
    runs = folder / "runs"
    if not runs.exists():
        return 0
    kept = {_name(house, label) for label in keep}
    found = {path.name.partition(".")[0] for path in runs.glob(f"{house}-*")}
    _remove(runs, found - kept)
    return len(found - kept)


def _name(house: str, label: str) -> str:
    return f"{house}-{hashlib.sha256(label.encode()).hexdigest()[:16]}"


def _remove(folder: Path, names: Collection[str]) -> None:
    for name in sorted(names):
        for suffix in (KEY, KNOWN, KNOWN + ".part", LATER):
            (folder / (name + suffix)).unlink(missing_ok=True)
    if names:
        files.sync_folder(folder)


def _append(path: Path, content: bytes) -> None:
    """All of it, or nothing: what comes next must not stand behind half a block."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = os.lseek(handle, 0, os.SEEK_END)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, end)
            raise
    finally:
        os.close(handle)


def _is_torn(handle: int, place: int, got: int) -> bool:
    """Whether the block at this place runs over the end of the file, or has no length."""
    length = os.pread(handle, LENGTH_BYTES, place)
    return len(length) < LENGTH_BYTES or got < int.from_bytes(length, "big") or got < NONCE_BYTES
