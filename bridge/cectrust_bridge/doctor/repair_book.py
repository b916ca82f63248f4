"""What repairs changed, so that each can be undone to the byte: `repairs/` in the profile, the newest number last.

Each entry is written, with what was there before, before anything is changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..formats import strictjson

MAX_FILE = 1 << 20
MEMBERS = {"v", "name", "path", "mode", "before", "after"}
LATER_MEMBERS = {"group", "made"}
"""Entries of earlier bridges have none of them."""
NOTE = "change.json"
ANOTHERS = (
    "ほかの利用者の設定フォルダーです。管理者として実行するときは、「sudo -H」を使ってください。",
    "This profile is another user's. Use `sudo -H` to run this as an administrator.",
)


class RepairError(Exception):
    """A repair or its undoing cannot be done; says why in both languages."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja, self.en = ja, en


@dataclass(frozen=True)
class Change:
    """One file to be written whole, or to be moved into the book. `content` None: moved.

    `mode` is that of a file that was not there; whoever can read it can enter the folders that are made for it.
    """

    name: str
    path: Path
    content: bytes | None
    mode: int = 0o600


@dataclass(frozen=True)
class Plan:
    """What a repair would change (perhaps nothing), and what the person should know besides.

    `command`: what an administrator runs to have it done, where only one may.
    """

    changes: Sequence[Change]
    remarks: Sequence[str] = ()
    command: str = ""


@dataclass(frozen=True)
class Entry:
    """A change that was made. `mode` None: there was no file. `after`: digest of what was written, "" if moved.

    `group`: number of the repair's first entry. `made`: folders that it needed, the innermost last.
    """

    folder: Path
    name: str
    path: Path
    mode: int | None
    after: str
    group: int
    made: tuple[Path, ...]


def check_owner(folder: Path) -> None:
    """The administrator's rights must not follow a record that somebody else can write. Raises RepairError."""
    if os.geteuid() == 0 and folder.stat().st_uid != 0:
        raise RepairError(*ANOTHERS)


class RepairBook:
    """The changes made in one profile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "repairs"

    def make(self, changes: Sequence[Change]) -> None:
        """One repair, whole or not at all: note what is there, then write or move each file. Raises RepairError."""
        group = self._next()
        for number, change in enumerate(changes, group):
            try:
                self._make(change, self._folder / f"{number:04d}", group)
            except (RepairError, OSError):
                if number > group:
                    self.undo()
                raise

    def _make(self, change: Change, entry: Path, group: int) -> None:
        before = None if change.content is None else _content(change.path)
        made = [] if change.content is None else [each for each in change.path.parents if not each.exists()][::-1]
        mode = change.path.lstat().st_mode & 0o7777 if os.path.lexists(change.path) else None
        note = {"v": 1, "name": change.name, "path": str(change.path), "mode": mode, "before": _digest(before)}
        note |= {"after": _digest(change.content), "group": group, "made": [str(each) for each in made]}
        entry.mkdir(mode=0o700, parents=True)
        if before is not None:
            _write(entry / "before", before, 0o600)
        _write(entry / NOTE, json.dumps(note, ensure_ascii=False).encode(), 0o600)
        try:
            _carry_out(change, entry, made, change.mode if mode is None else mode)
        except (RepairError, OSError):
            shutil.rmtree(entry)
            raise

    def last(self) -> list[Entry]:
        """The changes of the newest repair that stands, the newest first. Raises RepairError."""
        folders = [each for each in sorted(self._folder.glob("[0-9]*"), reverse=True) if (each / NOTE).is_file()]
        if not folders:
            raise RepairError("元に戻せる修復はありません。", "There is no repair to undo.")
        newest = _read(folders[0])
        return [newest, *(each for each in map(_read, folders[1:]) if each.group == newest.group)]

    def undo(self) -> None:
        """Put back what was there before the newest repair. RepairError if a file was changed since by others."""
        entries = self.last()
        for entry in entries:
            _check_unchanged(entry)
        for entry in entries:
            _undo(entry)
        with contextlib.suppress(OSError):  # not the last repair
            self._folder.rmdir()

    def _next(self) -> int:
        numbers = [int(each.name) for each in self._folder.glob("[0-9]*") if each.name.isdigit()]
        return max(numbers, default=0) + 1


def _carry_out(change: Change, entry: Path, made: Sequence[Path], mode: int) -> None:
    if change.content is None:
        _move(change.path, entry / "before")
        return
    for folder in made:
        folder.mkdir()
        folder.chmod(0o755 if mode & stat.S_IROTH else 0o700)
    _put(change.path, change.content, mode)


def _check_unchanged(entry: Entry) -> None:
    if _digest(_content(entry.path)) != entry.after:
        raise RepairError(
            f"{entry.path.name} は修復のあとに変わっているため、元に戻しません。控えは {entry.folder} にあります。",
            f"{entry.path.name} has changed since the repair and is left alone. The copy is in {entry.folder}.",
        )


def _undo(entry: Entry) -> None:
    if entry.mode is None:
        entry.path.unlink(missing_ok=True)
    elif not entry.after:
        _move(entry.folder / "before", entry.path)
    else:
        _put(entry.path, _content(entry.folder / "before") or b"", entry.mode)
    for folder in reversed(entry.made):
        with contextlib.suppress(OSError):  # somebody else's file may lie there by now
            folder.rmdir()
    shutil.rmtree(entry.folder)


def _read(folder: Path) -> Entry:
    try:
        note = strictjson.parse(_content(folder / NOTE) or b"")
        if not isinstance(note, dict) or set(note) - set(LATER_MEMBERS) != MEMBERS:
            raise ValueError
        group, made = note.get("group", int(folder.name)), tuple(map(Path, note.get("made", [])))
        return Entry(folder, str(note["name"]), Path(note["path"]), note["mode"], note["after"], group, made)
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


def _move(source: Path, target: Path) -> None:
    """As it is, however large, and though it may not be readable."""
    try:
        shutil.move(source, target)
    except OSError as error:
        raise RepairError(f"{source.name} を動かせません。", f"{source.name} cannot be moved.") from error


def _put(path: Path, content: bytes, mode: int) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        _write(partial, content, mode)
        if path.exists() and os.geteuid() == 0:  # else the file is one's own
            os.chown(partial, path.stat().st_uid, path.stat().st_gid)
        partial.replace(path)
    except OSError as error:
        raise RepairError(f"{path.name} を書けません。", f"{path.name} cannot be written.") from error
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
