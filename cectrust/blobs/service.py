"""The verified wrapper around the configured store.

The store keeps bytes durable; whether they are still the same bytes is decided here and nowhere else. A blob that
a row names but the store lacks or has changed is ``IntegrityBroken``, never ``NotFound``: a lost original must
raise an alarm and not look like a mistyped address.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from cectrust.sdk.errors import InputRefused, IntegrityBroken, NotFound, Unavailable
from cectrust.sdk.protocols import BlobArea, BlobKey, BlobStore, Digest

log = structlog.get_logger(__name__)

CHUNK = 1 << 20
"""Bytes per read; smaller ones make hashing of large files measurably slower."""


@dataclass(frozen=True)
class StoredBlob:
    """What was stored: its address and its length in bytes."""

    key: BlobKey
    size: int


class Blobs:
    """Blobs by digest and owner, and public bytes by name."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store

    def keep(self, area: BlobArea, owner: str, source: Path) -> StoredBlob:
        """Store the file ``source``; it is durable when this returns. The same bytes again change nothing.

        Raises:
            Unavailable: not stored, or read back with other bytes (an alarm); trying again is safe.
            InputRefused: ``source`` changed while it was read.
        """
        digest, size = _digest_of(source)
        key = BlobKey(area, owner, digest)
        self._put(key, source)
        if self._store.size(key) != size:
            raise _broken(key, "the store reports another size than it was given")
        return StoredBlob(key, size)

    def _put(self, key: BlobKey, source: Path) -> None:
        """The store can't tell bytes that came in wrong from bytes it spoilt itself; we still have the source."""
        try:
            self._store.put(key, source)
        except InputRefused as refusal:
            if _digest_of(source)[0] != key.digest:
                raise
            log.error("blobs.spoilt", key=str(key), code=refusal.code, alarm=True)
            raise _spoilt(key) from refusal

    def fetch(self, key: BlobKey, target: Path) -> None:
        """Copy the blob to the file ``target``; a ``target`` that exists afterwards holds the right bytes.

        Raises:
            IntegrityBroken: missing in the store, or changed.
            Unavailable: the store did not answer.
        """
        try:
            with self._open(key) as source, target.open("wb") as copy:
                _copy_verified(key, source, copy)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def read(self, key: BlobKey, limit: int) -> bytes:
        """The whole blob in memory. Raises ``InputRefused`` above ``limit`` bytes, else as ``fetch``."""
        with self._open(key) as source:
            data = source.read(limit + 1)
        if len(data) > limit:
            raise InputRefused(
                "blob_too_large",
                f"保管データが上限（{limit:,}バイト）を超えているため、読み込めません。",
                f"The stored data exceeds the limit of {limit:,} bytes.",
            )
        if hashlib.sha256(data).hexdigest() != key.digest:
            raise _broken(key, "digest differs")
        return data

    def open_verified(self, key: BlobKey) -> BinaryIO:
        """Open for a download: not a byte goes out before the whole was compared. The caller closes.

        The bytes handed out are a private copy: a second read from the store could bring others.
        """
        copy = tempfile.TemporaryFile(prefix="cectrust-blob-")  # noqa: SIM115 - handed to the caller
        try:
            with self._open(key) as source:
                _copy_verified(key, source, copy)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy

    def verify(self, key: BlobKey) -> int:
        """Re-read the blob for an audit; returns its length. Raises as ``fetch``."""
        with self._open(key) as source:
            return _copy_verified(key, source, None)

    def delete(self, key: BlobKey) -> None:
        """Forget a working blob; a missing one is no error. Raises ``Forbidden`` for originals."""
        self._store.delete(key)

    def walk(self, area: BlobArea) -> Iterator[BlobKey]:
        """Every key of an area, in no particular order; for audits."""
        return self._store.walk(area)

    def publish(self, name: str, data: bytes) -> None:
        """Store public bytes under ``name``, replacing what was there."""
        self._store.publish(name, data)

    def published(self, name: str) -> bytes:
        """What was published last under ``name``. Raises ``NotFound``. Its readers verify signatures themselves."""
        return self._store.published(name)

    def _open(self, key: BlobKey) -> BinaryIO:
        try:
            return self._store.open(key)
        except NotFound as missing:
            raise _broken(key, "missing in the store") from missing


def _digest_of(source: Path) -> tuple[Digest, int]:
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Digest(digest), file.tell()


def _copy_verified(key: BlobKey, source: BinaryIO, target: BinaryIO | None) -> int:
    running, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        running.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    if running.hexdigest() != key.digest:
        raise _broken(key, "digest differs")
    return size


def _spoilt(key: BlobKey) -> Unavailable:
    return Unavailable(
        "blob_spoilt",
        "保管領域に書き込んだデータが、書き込む前の内容と一致しませんでした。何も失われていません。しばらくしてからもう一度お試しください。"
        "くり返す場合、運営担当者は保管領域（ディスク）を点検してください。",
        "What was written to the blob store read back differently. Nothing is lost; try again shortly. If it goes on, "
        "the operator should examine the storage.",
        f"{key.area.value}/{key.owner}/{key.digest}",
    )


def _broken(key: BlobKey, why: str) -> IntegrityBroken:
    return IntegrityBroken(
        "blob_broken",
        "保管データが、記録された内容と一致しません。運営担当者へご連絡ください。",
        "Stored data is missing or does not match its recorded digest.",
        f"{key.area.value}/{key.owner}/{key.digest}: {why}",
    )
