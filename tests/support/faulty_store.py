"""A file store that fails once, at a chosen write, the way disks do."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest import mock

from cectrust.builtin import file_store
from cectrust.builtin.file_store import FileStore
from cectrust.sdk.protocols import BlobKey

FAULTS = ("lying", "ENOSPC", "EIO")


class FaultyStore(FileStore):
    """``fault`` happens at the write that is number ``at`` (from 1): bytes read back differently, or the disk errs."""

    def __init__(self, root: Path, fault: str, at: int = 1) -> None:
        super().__init__(root)
        self.fault, self._at, self.writes = fault, at, 0

    def put(self, key: BlobKey, source: Path) -> None:
        self.writes += 1
        if self.writes != self._at:
            super().put(key, source)
        elif self.fault == "lying":
            self._put_spoilt(key, source)
        else:
            error = OSError(getattr(errno, self.fault), os.strerror(getattr(errno, self.fault)))
            with mock.patch.object(file_store, "_sync", side_effect=error):
                super().put(key, source)

    def _put_spoilt(self, key: BlobKey, source: Path) -> None:
        data = bytearray(source.read_bytes())
        data[len(data) // 2] ^= 1
        spoilt = source.with_name("spoilt")
        spoilt.write_bytes(data)
        super().put(key, spoilt)
