"""Receives the documents of one request: counted, hashed, and sealed against any later change."""

from __future__ import annotations

import hashlib
import mmap
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..errors import BridgeError, HashMismatch, TooLarge
from ..requests.request import Document
from .byterange import ByteRange
from .errors import NotTaken

CHUNK = 1 << 20
MAX_DOCUMENT = 128 << 20
MAX_TOTAL = 512 << 20
MOST_IN_MEMORY = 64 << 20
"""Bytes of one request that are kept in memory; more of them lie in unnamed files."""


class Hash(Protocol):
    """What `hashlib` makes."""

    def update(self, data: bytes, /) -> None: ...


def check_limits(documents: Sequence[Document]) -> None:
    """TooLarge if what the server declares is beyond section 6 of the protocol."""
    if any(document.size > MAX_DOCUMENT for document in documents):
        raise TooLarge
    if sum(document.size for document in documents) > MAX_TOTAL:
        raise TooLarge


def _anonymous_file(folder: Path, in_memory: bool) -> int:
    """A file without a name, so nobody else's to open; in memory and sealable where the system can."""
    if sys.platform == "linux" and in_memory:
        return os.memfd_create("document", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())


def _sealed(descriptor: int, in_memory: bool) -> int:
    """The same file, which not even this process can change any more: shown, hashed and signed are the same.

    A file on disk has no seals; there the only descriptor that could write is given up, and `ReceivedDocument.digest`
    compares with what it was when the person was asked.
    """
    if sys.platform != "linux":
        return descriptor
    if in_memory:
        import fcntl  # not on every system

        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        return descriptor
    reading = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    os.close(descriptor)
    return reading


class ReceivedDocument:
    """One complete document whose digest is the one the server named."""

    def __init__(self, claims: Document, descriptor: int, sealed: bool = True) -> None:
        """`sealed`: nobody can change it any more."""
        self.claims = claims
        self.descriptor = descriptor
        self._sealed = sealed
        self._settled = b""

    def octets(self) -> mmap.mmap:
        """The bytes, mapped read-only; use as a context manager."""
        return mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ)

    def settle(self, byte_range: ByteRange, algorithm: str) -> None:
        """Note the message digest of the very bytes that the server named. HashMismatch if they are no longer those."""
        if self._sealed:
            return
        whole, covered = hashlib.sha256(), hashlib.new(algorithm)
        for start, piece in self._pieces():
            # A copy: both digests are of the same bytes, whoever changes the file meanwhile.
            whole.update(piece)
            _cover(covered, byte_range, start, piece)
        if whole.hexdigest() != self.claims.sha256:
            raise self._changed()
        self._settled = covered.digest()

    def digest(self, byte_range: ByteRange, algorithm: str) -> bytes:
        """The message digest to be signed, after `settle`. HashMismatch if it is no longer that of before."""
        if self._sealed:
            with self.octets() as octets:
                return byte_range.digest(octets, algorithm)
        covered = hashlib.new(algorithm)
        for start, piece in self._pieces():
            _cover(covered, byte_range, start, piece)
        if covered.digest() != self._settled:
            raise self._changed()
        return covered.digest()

    def _pieces(self) -> Iterator[tuple[int, bytes]]:
        for start in range(0, self.claims.size, CHUNK):
            yield start, os.pread(self.descriptor, CHUNK, start)

    def _changed(self) -> HashMismatch:
        return HashMismatch("changed since it was received", document=self.claims.id)


def _cover(covered: Hash, byte_range: ByteRange, start: int, piece: bytes) -> None:
    """Take in what the byte range covers of a piece that begins at `start`."""
    covered.update(piece[: max(0, byte_range.gap_start - start)])
    covered.update(piece[max(0, byte_range.gap_end - start) :])


class Receiver:
    """Takes binary chunks in the order of the documents. The first wrong one settles the outcome."""

    def __init__(self, documents: Sequence[Document], folder: Path) -> None:
        self._waiting = list(documents)
        self._folder = folder
        self._complete: list[ReceivedDocument] = []
        self._descriptor: int | None = None
        self._hash = hashlib.sha256()
        self._got = 0
        self._error: BridgeError | None = None
        self.total = sum(document.size for document in documents)
        self.received = 0
        self._in_memory = self.total <= MOST_IN_MEMORY

    def expects_more(self) -> bool:
        """May another chunk come? After an error, what was declared may still be in flight."""
        return self.received < self.total

    def take(self, chunk: bytes) -> None:
        """One binary message. Errors are kept for `complete`."""
        self.received += max(len(chunk), 1)
        if self._error is None:
            try:
                self._append(chunk)
            except BridgeError as error:
                self._error = error
            except OSError as error:
                # The page has more to send: it learns of this when it wants an answer. What is here helps nobody.
                self._error = NotTaken(type(error).__name__)
                self.close()

    def complete(self) -> list[ReceivedDocument]:
        """All documents, sealed; the first error otherwise."""
        if self._error is not None:
            raise self._error
        if self._waiting:
            raise HashMismatch("a document is incomplete", document=self._waiting[0].id)
        return list(self._complete)

    def close(self) -> None:
        """Forget everything received."""
        open_ones = [document.descriptor for document in self._complete]
        for descriptor in open_ones + ([] if self._descriptor is None else [self._descriptor]):
            os.close(descriptor)
        self._complete, self._descriptor = [], None

    def _append(self, chunk: bytes) -> None:
        document = self._waiting[0]
        if not chunk or self._got + len(chunk) > document.size:
            raise HashMismatch("a chunk is empty or crosses the document's end", document=document.id)
        if self._descriptor is None:
            self._descriptor = _anonymous_file(self._folder, self._in_memory)
        _write_all(self._descriptor, chunk)
        self._hash.update(chunk)
        self._got += len(chunk)
        if self._got == document.size:
            self._finish(document, self._descriptor)

    def _finish(self, document: Document, descriptor: int) -> None:
        if self._hash.hexdigest() != document.sha256:
            raise HashMismatch("another digest", document=document.id)
        self._descriptor = None
        sealed = sys.platform == "linux" and self._in_memory
        self._complete.append(ReceivedDocument(document, _sealed(descriptor, self._in_memory), sealed))
        self._waiting.pop(0)
        self._hash, self._got = hashlib.sha256(), 0


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
