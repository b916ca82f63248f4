"""Small files of the profile that are whole or not there, whatever ends the program or the power."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write(path: Path, octets: bytes) -> None:
    """`path` has these octets (0600), and they are on disk, when this returns; before, it is what it was."""
    part = _part(path, octets)
    part.replace(path)
    sync(path.parent)


def write_new(path: Path, octets: bytes) -> None:
    """The same, but FileExistsError if `path` is there, be it made by another process this very moment."""
    part = _part(path, octets)
    try:
        os.link(part, path)
    finally:
        part.unlink()
    sync(path.parent)


def _part(path: Path, octets: bytes) -> Path:
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    return Path(part)


def sync(folder: Path) -> None:
    """What was made, renamed or removed in the folder is on disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
