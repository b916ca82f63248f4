"""The built-in blob store: plain files under one root.

``<root>/<area>/<owner>/<first two digits>/<digest>``; ``<root>/published/<name>``; ``<root>/incoming`` holds what is
being written. A file appears under its address only complete, synced and read back, by one atomic rename.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from cectrust.sdk import hookimpl
from cectrust.sdk.errors import Forbidden, InputRefused, NotFound, Unavailable
from cectrust.sdk.protocols import BlobArea, BlobKey, BlobStore, Clock, Digest, Job, PluginContext

CHUNK = 1 << 20
ABANDONED_SECONDS = 24 * 3600
"""A file in ``incoming`` this old belongs to nobody any more."""
_OWNER = re.compile(r"[0-9a-z](?:[0-9a-z-]{0,62}[0-9a-z])?\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_NAME_PART = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,99}\Z")
_NAME_DEPTH = 12


class Settings(BaseModel):
    """``[plugins.file_store]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    root: Path | None = None
    """Absolute directory; without it the plugin's own data directory. Must be one file system."""


@hookimpl
def cectrust_settings_section() -> type[Settings]:
    return Settings


@hookimpl
def cectrust_blob_stores(context: PluginContext) -> dict[str, BlobStore]:
    return {"file_store": _store(context)}


@hookimpl
def cectrust_jobs(context: PluginContext) -> list[Job]:
    return [Job("sweep", 24 * 3600, partial(_store(context).sweep, context.clock))]


def _store(context: PluginContext) -> FileStore:
    return FileStore(context.settings.root or context.data_dir)


class FileStore:
    """Blobs as files (``cectrust.sdk.protocols.BlobStore``). Makes its directories on the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: BlobKey, source: Path) -> None:
        path = self._path(key)
        with _storage_errors():
            if path.exists() and _digest(path) == key.digest:
                _sync_directory(path.parent)  # another put may have renamed it and not synced yet
                return
            with self._incoming() as incoming:
                with source.open("rb") as bytes_in, incoming.open("wb") as bytes_out:
                    shutil.copyfileobj(bytes_in, bytes_out, CHUNK)
                    _sync(bytes_out)
                _require_digest(incoming, key.digest)
                incoming.chmod(0o400)
                _move_durably(incoming, path, self.root)

    def open(self, key: BlobKey) -> BinaryIO:
        with _storage_errors():
            try:
                return self._path(key).open("rb")
            except FileNotFoundError:
                raise NotFound("保管データ", "blob", str(key)) from None

    def size(self, key: BlobKey) -> int | None:
        with _storage_errors():
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, key: BlobKey) -> None:
        if key.area is not BlobArea.WORKING:
            raise Forbidden(
                "original_kept", "原本は削除できません。", "Originals are never deleted by the store.", str(key)
            )
        with _storage_errors():
            self._path(key).unlink(missing_ok=True)

    def walk(self, area: BlobArea) -> Iterator[BlobKey]:
        for path in (self.root / area.value).glob("*/*/*"):
            yield BlobKey(area, path.parent.parent.name, Digest(path.name))

    def publish(self, name: str, data: bytes) -> None:
        path = self._published_path(name)
        with _storage_errors(), self._incoming() as incoming:
            with incoming.open("wb") as file:
                file.write(data)
                _sync(file)
            _require_digest(incoming, hashlib.sha256(data).hexdigest())
            _move_durably(incoming, path, self.root)

    def published(self, name: str) -> bytes:
        with _storage_errors():
            try:
                return self._published_path(name).read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise NotFound("公開データ", "published data", name) from None

    def sweep(self, clock: Clock) -> None:
        """Forget what processes that were killed have left half written a day ago or longer."""
        before = clock.now() / 1_000_000 - ABANDONED_SECONDS
        with _storage_errors():
            for path in (self.root / "incoming").glob("*"):
                if path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)

    def _path(self, key: BlobKey) -> Path:
        if not _OWNER.match(key.owner) or not _DIGEST.match(key.digest):
            raise InputRefused("blob_key", "保管データの宛先が正しくありません。", "Malformed blob key.", str(key))
        return self.root / key.area.value / key.owner / key.digest[:2] / key.digest

    def _published_path(self, name: str) -> Path:
        parts = name.split("/")
        if len(parts) > _NAME_DEPTH or not all(_NAME_PART.match(part) for part in parts):
            raise InputRefused(
                "published_name", "公開データの名前が正しくありません。", "Malformed published name.", name
            )
        return self.root.joinpath("published", *parts)

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        """A new empty file on the same file system; gone afterwards unless it was renamed."""
        _make_directory(self.root / "incoming", self.root)
        handle, name = tempfile.mkstemp(dir=self.root / "incoming")
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _require_digest(path: Path, digest: str) -> None:
    if _digest(path) != digest:
        raise InputRefused(
            "blob_digest",
            "受け取ったデータが、宣言された内容と一致しません。もう一度送信してください。",
            "The bytes do not have the declared digest.",
        )


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _move_durably(source: Path, target: Path, root: Path) -> None:
    _make_directory(target.parent, root)
    source.replace(target)
    _sync_directory(target.parent)


def _make_directory(directory: Path, root: Path) -> None:
    """Make ``directory`` up to ``root``; each new entry is synced in its parent, or a power cut would lose it."""
    if directory.is_dir():
        return
    if directory != root:
        _make_directory(directory.parent, root)
    directory.mkdir(mode=0o700, parents=directory == root, exist_ok=True)
    _sync_directory(directory.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "EIO")
        raise Unavailable(
            "storage",
            "保管領域に書き込めないか、読み込めませんでした。しばらくしてからもう一度お試しください。",
            "The blob store could not be written or read.",
            f"{name}: {error.strerror}",
        ) from error
