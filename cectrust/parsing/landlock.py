"""Only the named files: Landlock (landlock(7), Linux 5.13 and later), needing no privilege."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _WRITE_FILE, _READ_DIRECTORY, _TRUNCATE = 1 << 2, 1 << 1, 1 << 3, 1 << 14
_RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All that a version knows of files: whatever is handled and not granted is refused."""
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/localtime", "/dev/null", "/dev/urandom")


def version() -> int:
    """Of the kernel's Landlock; below 1 where it has none."""
    return int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))


def confine(readable: Sequence[Path], writable: Sequence[Path]) -> bool:
    """Leave the calling process nothing but these existing files, this program's own code and the system's libraries.

    False where the kernel has no Landlock. Raises `OSError` where it has and refuses. Needs PR_SET_NO_NEW_PRIVS.
    """
    if version() < 1:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    handled = _RIGHTS_OF_VERSION[min(version(), max(_RIGHTS_OF_VERSION))]
    ruleset = _call(libc, _CREATE_RULESET, struct.pack("=Q", handled), 8, 0)
    for path in (*_code(), *readable):
        _grant(libc, ruleset, path, _READ_FILE | _READ_DIRECTORY)
    for path in writable:
        _grant(libc, ruleset, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled)
    _call(libc, _RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return True


def _code() -> Iterator[Path]:
    """Where modules may still be loaded from; never a working directory, which may hold the house's data."""
    yield from map(Path, _SYSTEM)
    yield from {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield from {Path(path) for name, module in sys.modules.items() if "." not in name for path in _folders(module)}


def _folders(module: object) -> list[str]:
    return list(getattr(module, "__path__", ()))


def _grant(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights &= -1 if path.is_dir() else ~_READ_DIRECTORY
        _call(libc, _ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(libc: ctypes.CDLL, *arguments: object) -> int:
    result = int(libc.syscall(*arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
