"""What repairs changed, so that each can be undone to the byte: `repairs/` in the profile, the newest number last.

Each entry is written, with what was there before, before anything is changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .. import strictjson

MAX_FILE = 1 << 20
MEMBERS = {"v", "name", "path", "mode", "before", "after"}


class RepairError(Exception):
    """A repair or its undoing cannot be done; says why in both languages."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja, self.en = ja, en


@dataclass(frozen=True)
class Change:
    """One file of the user's to be written. `content` None: removed."""

    name: str
    path: Path
    content: bytes | None


@dataclass(frozen=True)
class Entry:
    """A change that was made. `mode` None: there was no file. `after`: digest of what was written, "" if removed."""

    folder: Path
    name: str
    path: Path
    mode: int | None
    after: str


class RepairBook:
    """The changes made in one profile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "repairs"

    def make(self, change: Change) -> None:
        """Note what is there, then write the file whole."""
        before = _content(change.path)
        entry = self._folder / f"{self._next():04d}"
        entry.mkdir(mode=0o700, parents=True)
        mode = None if before is None else change.path.stat().st_mode & 0o7777
        if before is not None:
            _write(entry / "before", before, 0o600)
        note = {"v": 1, "name": change.name, "path": str(change.path), "mode": mode}
        note |= {"before": _digest(before), "after": _digest(change.content)}
        _write(entry / "change.json", json.dumps(note, ensure_ascii=False).encode(), 0o600)
        _put(change.path, change.content, 0o600 if mode is None else mode)

    def last(self) -> Entry:
        """The newest change that stands. Raises RepairError."""
        for folder in sorted(self._folder.glob("[0-9]*"), reverse=True):
            if (folder / "change.json").is_file():
                return _read(folder)
        raise RepairError("元に戻せる修復はありません。", "There is no repair to undo.")

    def undo(self) -> Entry:
        """Put back what was there before the newest change. RepairError if the file was changed since by others."""
        entry = self.last()
        if _digest(_content(entry.path)) != entry.after:
            raise RepairError(
                f"{entry.path.name} は修復のあとに変わっているため、元に戻しません。控えは {entry.folder} にあります。",
                f"{entry.path.name} has changed since the repair and is left alone. The copy is in {entry.folder}.",
            )
        before = None if entry.mode is None else _content(entry.folder / "before")
        _put(entry.path, before, entry.mode or 0o600)
        shutil.rmtree(entry.folder)
        return entry

    def _next(self) -> int:
        numbers = [int(each.name) for each in self._folder.glob("[0-9]*") if each.name.isdigit()]
        return max(numbers, default=0) + 1


def _read(folder: Path) -> Entry:
    try:
        note = strictjson.parse(_content(folder / "change.json") or b"")
        if not isinstance(note, dict) or set(note) != MEMBERS:
            raise ValueError
        return Entry(folder, str(note["name"]), Path(note["path"]), note["mode"], note["after"])
    except (ValueError, TypeError) as error:
        raise RepairError("修復の記録を読み取れません。", "The record of repairs cannot be read.") from error


def _content(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RepairError(f"{path.name} を読めません。", f"{path.name} cannot be read.") from error
    if len(octets) > MAX_FILE:
        raise RepairError(f"{path.name} が大きすぎます。", f"{path.name} is too large.")
    return octets


def _digest(octets: bytes | None) -> str:
    return "" if octets is None else hashlib.sha256(octets).hexdigest()


def _put(path: Path, content: bytes | None, mode: int) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        _write(partial, content, mode)
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
