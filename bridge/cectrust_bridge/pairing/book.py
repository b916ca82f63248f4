"""All paired servers of one user: his own files, and the administrator's in a folder that only he can write.

Files may come and go while the bridge runs: the book is read again when a folder has changed. A wrong file closes
the book for everybody, because nobody can tell which pairing it was meant to end.
"""

from __future__ import annotations

import hashlib
import json
import logging
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..formats import durable, strictjson
from .errors import ByAdministrator, IdentityChanged, NoSuchServer, OriginTaken, PairingError
from .model import Pairing, by_origin, parse, parse_fleet

MAX_FILE = 65536
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
FLEET_FOLDERS = {
    "linux": Path("/etc/cectrust-bridge/servers.d"),
    "darwin": Path("/Library/Application Support/CECTRUST Bridge/servers.d"),
}
log = logging.getLogger(__name__)


def fleet_folder() -> Path | None:
    """Where administrators put pairing files; None on systems whose file rights this bridge cannot judge yet."""
    return FLEET_FOLDERS.get(sys.platform)


def check_fleet_rights(path: Path, owner: int) -> None:
    """PairingError unless `owner` (or root) alone can change `path` and no folder above it can be swapped by others.

    A sticky folder above (such as /tmp) lets nobody rename what is another's, so it may be open.
    """
    for place in (path, *path.resolve().parents):
        found = place.lstat()
        sticky_above = place != path and found.st_mode & stat.S_ISVTX
        if found.st_uid not in (0, owner) or (found.st_mode & OTHERS_WRITE and not sticky_above):
            raise PairingError(f"{place} may be changed by others than the administrator")


class PairingBook:
    """`folder`: the user's files; `fleet`: the administrator's, owned by `fleet_owner` (root)."""

    def __init__(self, folder: Path, fleet: Path | None, fleet_owner: int = 0) -> None:
        self.folder, self._fleet, self._fleet_owner = folder, fleet, fleet_owner
        self._seen: object = None
        self._current: dict[str, Pairing] = {}

    def load(self) -> dict[str, Pairing]:
        """Read everything now, by origin; PairingError names the file that is wrong."""
        ours, theirs = self._of_user(), self._of_fleet()
        return by_origin([*(_with_facts_of(fleet, ours) for fleet in theirs), *_without(ours, theirs)])

    def servers(self) -> list[Pairing]:
        """Every paired server once, in the order of their names."""
        found = {pairing.issuer: pairing for pairing in self.load().values()}
        return sorted(found.values(), key=lambda pairing: (pairing.server_name, pairing.issuer))

    def since(self, issuer: str) -> float | None:
        """When the user's own file was written, in UNIX seconds; None if only the administrator has one."""
        return next((path.stat().st_mtime for path, pairing in self._files() if pairing.issuer == issuer), None)

    def current(self) -> dict[str, Pairing]:
        """By origin, read again if a file has changed since; empty while a file is wrong."""
        try:
            seen = self._marks()
            if seen != self._seen:
                self._current, self._seen = {}, seen
                self._current = self.load()
        except (PairingError, OSError) as error:
            log.error("nobody is served until this is mended: %s", error)
            self._current = {}
        return self._current

    def check_may_pair(self, issuer: str, identity: str, origins: Iterable[str]) -> None:
        """Raise IdentityChanged or OriginTaken if a pairing that is there forbids this one."""
        for known in self.servers():
            if known.issuer == issuer and known.identity != identity:
                raise IdentityChanged
            if known.issuer != issuer and set(known.origins) & set(origins):
                raise OriginTaken

    def faults(self) -> Iterator[tuple[Path, str]]:
        """The user's files that keep the book closed, and why. PairingError if a file of the administrator's does.

        Of two files that contradict each other both are named: nobody can tell which was meant.
        """
        fleet, good = self._of_fleet(), []
        by_origin(fleet)
        for path in sorted(self.folder.glob("*.json")):
            try:
                good.append((path, _read(path, parse)))
            except (PairingError, OSError) as error:
                yield path, str(error) if isinstance(error, PairingError) else f"{path.name}: cannot be read"
        for path, pairing in good:
            others = [*fleet, *(other for where, other in good if where != path)]
            if any(_contradict(pairing, other, fleet) for other in others):
                yield path, f"{path.name}: contradicts another pairing"

    def add(self, pairing: Pairing) -> None:
        """On disk (0600, whole or not at all) when this returns; an earlier pairing with the issuer is replaced."""
        path = self.folder / f"{hashlib.sha256(pairing.issuer.encode()).hexdigest()[:32]}.json"
        durable.write(path, json.dumps(pairing.as_json(), ensure_ascii=False, indent=1).encode())
        self._remove_files(pairing.issuer, path)

    def of_user(self, issuer: str) -> Pairing:
        """The user's own pairing with this server. Raises NoSuchServer, ByAdministrator."""
        for _, pairing in self._files():
            if pairing.issuer == issuer:
                return pairing
        raise ByAdministrator if any(fleet.issuer == issuer for fleet in self._of_fleet()) else NoSuchServer

    def remove(self, issuer: str) -> None:
        """Delete every file of the user that pairs with this server."""
        self._remove_files(issuer, None)

    def _remove_files(self, issuer: str, kept: Path | None) -> None:
        for path, pairing in self._files():
            if pairing.issuer == issuer and path != kept:
                path.unlink()

    def _files(self) -> list[tuple[Path, Pairing]]:
        return list(_present(sorted(self.folder.glob("*.json")), parse))

    def _of_user(self) -> list[Pairing]:
        return [pairing for _, pairing in self._files()]

    def _of_fleet(self) -> list[Pairing]:
        if self._fleet is None or not self._fleet.is_dir():
            return []
        check_fleet_rights(self._fleet, self._fleet_owner)
        found = []
        for path in sorted(self._fleet.glob("*.json")):
            check_fleet_rights(path, self._fleet_owner)
            found.append(_read(path, parse_fleet))
        return found

    def _marks(self) -> object:
        folders = [self.folder, *([self._fleet] if self._fleet is not None and self._fleet.is_dir() else [])]
        return [_mark(path) for folder in folders for path in (folder, *sorted(folder.glob("*.json")))]


def _mark(path: Path) -> tuple[str, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def _read(path: Path, form: Callable[[Any], Pairing]) -> Pairing:
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_FILE + 1)
        if len(octets) > MAX_FILE:
            raise PairingError("too long")
        return form(strictjson.parse(octets))
    except ValueError as error:
        raise PairingError(f"{path.name}: {error}") from error


def _present(paths: Iterable[Path], form: Callable[[Any], Pairing]) -> Iterator[tuple[Path, Pairing]]:
    """Each file with its pairing; one that was unlinked since it was listed has ended its pairing, and no other."""
    for path in paths:
        try:
            yield path, _read(path, form)
        except FileNotFoundError:
            if path.is_symlink():
                raise


def _with_facts_of(fleet: Pairing, ours: Iterable[Pairing]) -> Pairing:
    """The administrator's facts; what the user's own pairing adds is whose bridge it is and its registration."""
    for pairing in ours:
        if pairing.issuer == fleet.issuer:
            if pairing.identity != fleet.identity:
                raise IdentityChanged(f"{fleet.issuer}: the administrator pins another identity key")
            return replace(fleet, user_hint=pairing.user_hint, registration=pairing.registration)
    return fleet


def _contradict(pairing: Pairing, other: Pairing, fleet: Sequence[Pairing]) -> bool:
    """What `load` refuses. With a server of the administrator's, the user's own file only has to agree on the key."""
    if any(each.issuer == pairing.issuer for each in fleet):
        return other.fleet and other.issuer == pairing.issuer and other.identity != pairing.identity
    return bool(set(pairing.origins) & set(other.origins))


def _without(ours: Iterable[Pairing], theirs: Iterable[Pairing]) -> list[Pairing]:
    issuers = {fleet.issuer for fleet in theirs}
    return [pairing for pairing in ours if pairing.issuer not in issuers]
