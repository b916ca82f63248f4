"""Results kept until the server has acknowledged them, so that a closed tab or a crash loses no signature.

One file (0600) a request, named by the digest of issuer, origin and jti. It only grows, a line of JSON at a time: what
was asked for, each document's result, and how it ended. A line that a crash cut short counts as never written.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..clock import elapsed
from ..formats import durable

LIFE = 24 * 3600
GRACE = 3600
SWEEP_SECONDS = 900.0
INTERRUPTED = "interrupted"
Result = dict[str, Any]
log = logging.getLogger(__name__)


class RequestName(NamedTuple):
    """Whose request: nobody else may have its results."""

    issuer: str
    origin: str
    jti: str


@dataclass(frozen=True)
class Asked:
    """What the person agreed to: every document with this certificate."""

    ids: tuple[str, ...]
    cert_sha256: str
    mechanism: str


@dataclass(frozen=True)
class Kept:
    """What is kept of one request. `failure` names why not all is signed; None when all is."""

    asked: Asked
    results: tuple[Result, ...]
    failure: str | None


class Keeping:
    """The file of one request while its documents are being signed."""

    def __init__(self, path: Path, asked: Asked, born: Callable[[], None]) -> None:
        """`born` is called when the file is there."""
        self._path, self._born = path, born
        self._first: list[Mapping[str, Any]] = [{"asked": asdict(asked)}]

    def add(self, results: Sequence[Result]) -> None:
        """On disk (fsync) when this returns: only then may these results leave the bridge."""
        self._write([{"result": result} for result in results])

    def end(self, failure: str | None) -> None:
        """Say how it ended. Without this line the bridge itself was ended."""
        self._write([{"ended": failure}])

    def _write(self, entries: Iterable[Mapping[str, Any]]) -> None:
        lines = [json.dumps(entry) + "\n" for entry in [*self._first, *entries]]
        anew = os.O_TRUNC if self._first else 0
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | anew, 0o600)
        try:
            _append(descriptor, "".join(lines).encode())
        finally:
            os.close(descriptor)
        if self._first:
            durable.sync(self._path.parent)
            self._born()
        self._first = []


def _append(descriptor: int, octets: bytes) -> None:
    """All of it on disk, or nothing: what a full disk took of it would come back as signed, told to nobody before."""
    before = os.fstat(descriptor).st_size
    try:
        while octets:
            octets = octets[os.write(descriptor, octets) :]
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, before)
        raise


class KeptResults:
    """All that is kept in one profile. It ages by `clock` (seconds that pass), because dates jump."""

    def __init__(self, folder: Path, clock: Callable[[], float] = elapsed) -> None:
        self._folder, self._clock = folder, clock
        self._born: dict[Path, float] = {}
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.forget_old()

    def begin(self, name: RequestName, asked: Asked) -> Keeping:
        """A place for the results of a request; nothing is written before the first."""
        self.forget_old()
        path = self._path(name)
        return Keeping(path, asked, lambda: self._born.update({path: self._clock()}))

    def find(self, name: RequestName) -> Kept | None:
        """What was kept, or None."""
        path = self._path(name)
        if not path.exists() or self._is_old(path):
            return None
        return _kept(_entries(path))

    def acknowledge(self, name: RequestName) -> bool:
        """Delete it; False if nothing was kept."""
        path = self._path(name)
        existed = path.exists()
        path.unlink(missing_ok=True)
        self._born.pop(path, None)
        return existed

    def forget_old(self) -> None:
        """Delete what is past its 24 hours."""
        known = list(self._born)  # before the look at the folder: a signing may be keeping results in its thread
        there = set(self._folder.iterdir())
        for path in there:
            if self._is_old(path):
                path.unlink(missing_ok=True)
        for path in known:
            if path not in there:
                self._born.pop(path, None)

    async def forget_in_time(self, seconds: float = SWEEP_SECONDS) -> None:
        """The same, again and again, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            try:
                self.forget_old()
            except OSError as error:
                log.warning("kept results cannot be looked through: %s", type(error).__name__)

    def _is_old(self, path: Path) -> bool:
        if path not in self._born:
            self._born[path] = self._clock() - _age(path)
        return self._clock() - self._born[path] > LIFE

    def _path(self, name: RequestName) -> Path:
        digest = hashlib.sha256("\0".join(name).encode()).hexdigest()
        return self._folder / f"{digest}.jsonl"


def _entries(path: Path) -> list[dict[str, Any]]:
    """Every whole line, up to the first that is none: a power cut leaves its end cut off or full of zeros."""
    entries = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        try:
            entries.append(json.loads(line))
        except ValueError:
            break
    return entries


def _kept(entries: Sequence[dict[str, Any]]) -> Kept | None:
    if not entries:
        return None
    asked = entries[0]["asked"]
    results = tuple(entry["result"] for entry in entries if "result" in entry)
    endings = [entry["ended"] for entry in entries if "ended" in entry]
    failure = endings[-1] if endings else INTERRUPTED
    ids = tuple(asked["ids"])
    complete = len(results) == len(ids)
    return Kept(Asked(ids, asked["cert_sha256"], asked["mechanism"]), results, None if complete else failure)


def _age(path: Path) -> float:
    """Of what an earlier run left, in seconds. Only the date tells, and it may be wrong: an hour always remains."""
    return min(max(time.time() - path.stat().st_mtime, 0.0), LIFE - GRACE)
