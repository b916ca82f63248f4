"""Serial numbers that never come twice, not even after a crash (RFC 3161, 2.4.2)."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

BLOCK = 1000


class Serials:
    """Counts upwards. The end of a block is on disk before its first number is used; a crash skips the rest."""

    def __init__(self, path: Path) -> None:
        """``path``: the counter's file, made if missing. Raises ``BlockingIOError`` if another process has it."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._next = self._reserved = int(os.pread(self._file, 64, 0) or b"1")
        self._lock = threading.Lock()

    def take(self) -> int:
        with self._lock:
            if self._next == self._reserved:
                self._reserve()
            self._next += 1
            return self._next - 1

    def close(self) -> None:
        os.close(self._file)

    def _reserve(self) -> None:
        """In place and of fixed width, so that no crash leaves a file without a number."""
        self._reserved += BLOCK
        os.pwrite(self._file, b"%040d\n" % self._reserved, 0)
        os.fsync(self._file)
