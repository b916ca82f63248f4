"""Small blobs for tests, kept the way the product keeps all: from a file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cectrust.blobs.service import Blobs, StoredBlob
from cectrust.sdk.protocols import BlobArea


def kept(blobs: Blobs, area: BlobArea, owner: str, data: bytes) -> StoredBlob:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "blob"
        source.write_bytes(data)
        return blobs.keep(area, owner, source)
