"""Runs a program as somebody else than root, in a user namespace of its own.

PostgreSQL refuses to run as root. The usual way round (a new user, ``chown``, parent folders
opened to that user) changes the machine and shows closed folders to others. A user namespace
changes nothing: inside it this process has the number of an ordinary account, outside it stays
the owner of its files, and closed folders stay closed.

Started by its path, without the rest of Fadeout: ``python -I -S unprivileged.py PROGRAM ARGS``.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
FORBIDDEN = 77  # the exit code of EX_NOPERM in sysexits.h


def become_ordinary() -> None:
    """Enter a user namespace in which root is an account that has a name but no rights.

    Raises:
        OSError: the kernel or the container forbids it.
    """
    account = _ordinary_account()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"{account.pw_uid} 0 1", encoding="ascii")
    (own / "gid_map").write_text(f"{account.pw_gid} 0 1", encoding="ascii")


def _ordinary_account() -> pwd.struct_passwd:
    """An account that exists: initdb wants a name for the number it runs as."""
    others = [account for account in pwd.getpwall() if account.pw_uid and account.pw_gid]
    if not others:
        raise OSError("There is no account besides root.")
    return min(others, key=lambda account: account.pw_uid)


def main(command: list[str]) -> None:
    """Become this command, as an ordinary account."""
    try:
        become_ordinary()
    except (OSError, AttributeError) as error:
        sys.stderr.write(f"FATAL:  no user namespace: {error}\n")
        sys.exit(FORBIDDEN)
    os.execv(command[0], command)  # noqa: S606 - becoming the program is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
