"""Small files of the profile that are whole or not there, whatever ends the program or the power."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

STALE = 60.0
"""Seconds. A write takes milliseconds; another process may be in the middle of one."""


def write(path: Path, octets: bytes) -> None:
    """`path` has these octets (0600), and they are on disk, when this returns; before, it is what it was."""
    with _part(path, octets) as part:
        part.replace(path)
    sync(path.parent)


def write_new(path: Path, octets: bytes) -> None:
    """The same, but FileExistsError if `path` is there, be it made by another process this very moment."""
    with _part(path, octets) as part:
        os.link(part, path)
    sync(path.parent)


def sweep(folder: Path) -> None:
    """Remove what writes in and below `folder` left when they were killed; a part that is whole may hold a key."""
    for part in folder.rglob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()


@contextlib.contextmanager
def _part(path: Path, octets: bytes) -> Iterator[Path]:
    """A file beside `path` with these octets, on disk; gone at the end, whatever happens."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # 0600
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """What was made, renamed or removed in the folder is on disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
