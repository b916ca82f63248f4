"""Results kept until the server has acknowledged them, so that a closed tab or a crash loses no signature."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

LIFE = 24 * 3600
Result = dict[str, Any]


class KeptResults:
    """One file (0600) per result, named by the digest of issuer, origin and jti."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.forget_old()

    def keep(self, issuer: str, result: Result) -> None:
        """On disk (fsync) when this returns: only then may the result leave the bridge."""
        self.forget_old()
        path = self._path(issuer, result["origin"], result["jti"])
        partial = path.with_suffix(".partial")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(result, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        self._sync_folder()

    def find(self, issuer: str, origin: str, jti: str) -> Result | None:
        """The very result that was kept, or None."""
        path = self._path(issuer, origin, jti)
        if not path.exists() or _is_old(path):
            return None
        result: Result = json.loads(path.read_text(encoding="utf-8"))
        return result

    def acknowledge(self, issuer: str, origin: str, jti: str) -> bool:
        """Delete it; False if nothing was kept."""
        path = self._path(issuer, origin, jti)
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed

    def forget_old(self) -> None:
        """Delete what is past its 24 hours, and unfinished writes."""
        for path in self._folder.iterdir():
            if _is_old(path):
                path.unlink(missing_ok=True)

    def _path(self, issuer: str, origin: str, jti: str) -> Path:
        name = hashlib.sha256("\0".join((issuer, origin, jti)).encode()).hexdigest()
        return self._folder / f"{name}.json"

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > LIFE
