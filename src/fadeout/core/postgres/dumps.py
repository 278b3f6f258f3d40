"""Writes the database to a file of plain SQL, and puts such a file in its place.

What could go wrong: half a file is taken for a dump (so it gets its name when it is complete, and
only a complete one is restored); a restore stops half way and the database is lost (so it is one
transaction that is committed by the last line sent: whatever ends earlier changes nothing); an
error quotes a row of the file (so of an error only the line and PostgreSQL's code are shown).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

from fadeout.core import files
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.core.postgres import client

BEGINNING = b"-- PostgreSQL database dump"
COMPLETE = b"-- PostgreSQL database dump complete"
EDGE = 4096  # bytes at either end of a dump that tell what it is
CHUNK = 1 << 20

# The schema is made as initdb makes it, or the next dump would differ from this one. The limit on
# waiting for others is lifted again by the file's own SET lines.
PRELUDE = b"""SET client_min_messages = warning;
SET lock_timeout = '60s';
BEGIN;
DROP SCHEMA IF EXISTS public, procrastinate CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS 'standard public schema';
"""
# Whatever a dump holds of the queue of jobs is from another time: no old job begins by itself.
FINALE = b"""
DO $$ BEGIN IF to_regclass('procrastinate.procrastinate_jobs') IS NOT NULL THEN
TRUNCATE procrastinate.procrastinate_jobs, procrastinate.procrastinate_events,
procrastinate.procrastinate_periodic_defers, procrastinate.procrastinate_workers;
END IF; END $$;
COMMIT;
"""
PG_DUMP_OPTIONS = (
    "--no-owner",
    "--no-privileges",
    "--no-password",
    "--encoding=UTF8",
    "--lock-wait-timeout=60s",
    "--exclude-table-data=procrastinate.procrastinate_*",  # the queue: see FINALE
)
PSQL_OPTIONS = (
    "-X",
    "--quiet",
    "--no-password",
    "--set=ON_ERROR_STOP=1",
    "--set=VERBOSITY=sqlstate",
    "--set=SHOW_CONTEXT=never",
    "--file=-",
)
CONNECTION_LOST = 2  # psql's exit code

LOCKED = {"55P03", "40P01"}
NOT_ALLOWED = {"42501"}
NOT_THE_FILE = {"08", "53", "57", "58", "XX"}  # classes of errors: the server, room, the machine

# pg_dump 17 and newer write it always; servers before 17 do not know it.
NEW_SETTING = b"SET transaction_timeout = 0;\n"
KNOWS_NEW_SETTING = 17

_FAILURE = re.compile(r":(\d+): ERROR:\s+([0-9A-Z]{5})\b")


def dump(url: str, target: Path) -> None:
    """Write the database to a file that only this user can read; it appears when complete.

    Raises:
        BadInput: the file cannot be written there.
        DidNotHold: pg_dump failed.
    """
    target = target.resolve()
    if target.exists() and not target.is_file():
        _dump_to_special(url, target)
        return
    try:
        with files.replacing(target) as stream:
            write(url, stream)
    except OSError as error:
        raise _cannot_write(target, error) from error


def _dump_to_special(url: str, target: Path) -> None:
    try:
        with target.open("wb") as stream:
            write(url, stream)
    except OSError as error:
        raise _cannot_write(target, error) from error


def write(url: str, stream: IO[bytes]) -> None:
    """Write the database to an open stream.

    Raises:
        DidNotHold: pg_dump failed.
    """
    done = subprocess.run(
        [str(client.pg_dump(url)), *PG_DUMP_OPTIONS],
        env={**client.environment(url), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=stream,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it was stopped"])[0]
        raise DidNotHold(f"The dump did not come to its end: {reason}")


def restore(url: str, source: Path) -> None:
    """Replace the content of the database by a dump, wholly or not at all.

    Raises:
        BadInput: the file is not a complete dump, or PostgreSQL does not take it.
        DidNotHold: another command uses the database, or the server went away.
    """
    try:
        with source.open("rb") as stream:
            _refuse_incomplete(source, stream)
            _feed(url, source, stream)
    except OSError as error:
        raise BadInput(f"{source} cannot be read: {error.strerror or error}.") from error


def _refuse_incomplete(source: Path, stream: BinaryIO) -> None:
    if not stream.seekable():
        raise BadInput(f"{source} is not a file.", way_out="Write the dump to a file first.")
    beginning = stream.read(EDGE)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - EDGE))
    end = stream.read(EDGE)
    stream.seek(0)
    if BEGINNING not in beginning:
        raise BadInput(
            f"{source} is not a dump of a database in plain SQL.",
            way_out="Give a file that `fadeout database dump` wrote.",
        )
    if COMPLETE not in end:
        raise BadInput(
            f"{source} ends before its end: the dump is not complete. Nothing was changed.",
            way_out="Give a whole file, or dump again.",
        )


def _feed(url: str, source: Path, stream: BinaryIO) -> None:
    knows_new = client.server_version(url)[0] >= KNOWS_NEW_SETTING
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(client.psql()), *PSQL_OPTIONS],
            env={**client.environment(url), "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        with process:
            _send(process, stream, knows_new=knows_new)
        said.seek(0)
        if process.returncode != 0:
            raise _failure(source, process.returncode, said.read().decode(errors="replace"))


def _send(process: subprocess.Popen[bytes], stream: BinaryIO, *, knows_new: bool) -> None:
    """Send the whole file; without the last line, psql's end undoes everything."""
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    try:
        with suppress(BrokenPipeError):  # psql met an error and ended; it says which
            process.stdin.write(PRELUDE)
            for chunk in _content(stream, knows_new=knows_new):
                process.stdin.write(chunk)
            process.stdin.write(FINALE)
            process.stdin.flush()
    except BaseException:
        process.kill()
        raise
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()


def _content(stream: BinaryIO, *, knows_new: bool) -> Iterator[bytes]:
    end = beginning = stream.read(EDGE)
    yield beginning if knows_new else beginning.replace(NEW_SETTING, b"\n", 1)
    while chunk := stream.read(CHUNK):
        end = (end + chunk)[-EDGE:]
        yield chunk
    if COMPLETE not in end:
        raise DidNotHold("The file changed while it was read. Nothing was changed.")


def _failure(source: Path, exit_code: int, said: str) -> BadInput | DidNotHold:
    found = _FAILURE.search(said)
    if exit_code == CONNECTION_LOST or exit_code < 0:
        return DidNotHold("The database went away during the restore. Nothing was changed.")
    if found is None:
        return BadInput(f"{source} is not a dump that psql can read. Nothing was changed.")
    line, code = int(found[1]) - PRELUDE.count(b"\n"), found[2]
    if code[:2] in NOT_THE_FILE:
        return DidNotHold(f"The database did not hold (error {code}). Nothing was changed.")
    if code in LOCKED:
        return DidNotHold(
            "Another command uses the database. Nothing was changed.",
            way_out="Wait until it is done, or stop it, and restore again.",
        )
    if code in NOT_ALLOWED:
        return BadInput(
            "The user of FADEOUT_DATABASE_URL may not replace its schemas. Nothing was changed.",
            way_out="Restore as the owner of the database.",
        )
    return BadInput(
        f"{source}, line {line}: PostgreSQL refuses it (error {code}). Nothing was changed."
    )


def _cannot_write(target: Path, error: OSError) -> BadInput:
    return BadInput(
        f"The dump cannot be written to {target}: {error.strerror or error}.",
        way_out="Give a file in a folder that exists, has room and lets this user write.",
    )


def write_to_standard_output(url: str) -> None:
    """Write the database to where results go."""
    sys.stdout.flush()
    write(url, sys.stdout.buffer)
