"""What a file begins with: the digest of everything up to each end of a revision in it."""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from cectrust.sdk.protocols import Digest

MOST = 1000
"""Ends that are looked at, from the front, where our own revisions lie; a hostile file may hold millions."""
_END = re.compile(rb"%%EOF(\r\n|\n|\r)?")


def prefix_digests(path: Path, most: int = MOST) -> list[Digest]:
    """SHA-256 of the file and of what lies before each end of a revision (ISO 32000-2, 7.5.5), the longest first.

    Whether a line's end after ``%%EOF`` belongs to the revision is its writer's choice: there is a digest for either.
    """
    if not path.stat().st_size:
        return []
    hasher, hashed, found = hashlib.sha256(), 0, []
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as view,
    ):
        for end in _ends(data, most):
            hasher.update(view[hashed:end])
            hashed = end
            found.append(Digest(hasher.hexdigest()))
    return found[::-1]


def _ends(data: mmap.mmap, most: int) -> Iterator[int]:
    """Ascending, the end of the file last and once."""
    size = len(data)
    for count, match in enumerate(_END.finditer(data)):
        if count == most:
            break
        marker = match.start() + len(b"%%EOF")
        yield from (end for end in range(marker, match.end() + 1) if end < size)
    yield size
