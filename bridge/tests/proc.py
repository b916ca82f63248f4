"""What Linux says of processes, each of which may end between two looks."""

from __future__ import annotations

from pathlib import Path


def children_of(parent: int) -> list[int]:
    """Process ids; none of a process that has ended."""
    listings = [_read(path) for path in Path(f"/proc/{parent}/task").glob("*/children")]
    return [int(pid) for listing in listings for pid in listing.split()]


def words_of(pid: int) -> list[str]:
    """The command line; empty of a process that has ended."""
    return _read(Path(f"/proc/{pid}/cmdline")).split("\0")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
