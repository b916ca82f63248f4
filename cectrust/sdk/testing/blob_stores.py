"""What every blob store must do."""
# ruff: noqa: S101 - these are tests, shipped so that plugins can run them

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cectrust.sdk.errors import Forbidden, InputRefused, NotFound
from cectrust.sdk.protocols import BlobArea, BlobKey, BlobStore, Digest

OWNER = "0190a7f2c3d47e5f8a9b0c1d2e3f4a5b"
OTHER_OWNER = "0190a7f2c3d47e5f8a9b0c1d2e3f4a5c"
HOSTILE_PARTS = ("", ".", "..", "../x", "a/../b", "a//b", "/etc/passwd", "a\x00b", "a\\..\\b", "a\n", "ア")


def blob_key(data: bytes, area: BlobArea = BlobArea.ORIGINALS, owner: str = OWNER) -> BlobKey:
    """The address of ``data``."""
    return BlobKey(area, owner, Digest(hashlib.sha256(data).hexdigest()))


def together(count: int, work: Callable[[], object]) -> list[BaseException]:
    """Run ``work`` in ``count`` threads that start at one barrier; returns what they raised."""
    barrier, raised = threading.Barrier(count), []

    def run() -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


class BlobStoreContract:
    """Obligations of ``BlobStore``. Fixture ``store``: an empty one."""

    @pytest.fixture
    def store(self) -> BlobStore:
        raise NotImplementedError("give a fixture `store`")

    @staticmethod
    def put(store: BlobStore, directory: Path, data: bytes, key: BlobKey | None = None) -> BlobKey:
        source = directory / f"source-{hashlib.sha256(data).hexdigest()[:8]}"
        source.write_bytes(data)
        key = key or blob_key(data)
        store.put(key, source)
        return key

    @staticmethod
    def get(store: BlobStore, key: BlobKey) -> bytes:
        with store.open(key) as file:
            return file.read()

    def test_it_is_a_blob_store(self, store: BlobStore) -> None:
        assert isinstance(store, BlobStore)

    @pytest.mark.parametrize("length", [0, 1, 3_000_001])
    def test_what_was_put_is_read_back(self, store: BlobStore, tmp_path: Path, length: int) -> None:
        data = b"\xe5" * length
        key = self.put(store, tmp_path, data)
        assert self.get(store, key) == data
        assert store.size(key) == length

    def test_putting_again_changes_nothing(self, store: BlobStore, tmp_path: Path) -> None:
        key = self.put(store, tmp_path, b"once")
        self.put(store, tmp_path, b"once")
        assert list(store.walk(BlobArea.ORIGINALS)) == [key]
        assert self.get(store, key) == b"once"

    def test_the_source_stays_the_callers(self, store: BlobStore, tmp_path: Path) -> None:
        source = tmp_path / "mine"
        source.write_bytes(b"mine")
        store.put(blob_key(b"mine"), source)
        source.write_bytes(b"overwritten")
        assert self.get(store, blob_key(b"mine")) == b"mine"

    def test_bytes_of_another_digest_are_refused_and_not_kept(self, store: BlobStore, tmp_path: Path) -> None:
        key = blob_key(b"promised")
        with pytest.raises(InputRefused):
            self.put(store, tmp_path, b"delivered", key)
        assert store.size(key) is None
        assert list(store.walk(BlobArea.ORIGINALS)) == []

    def test_concurrent_puts_leave_one_right_blob(self, store: BlobStore, tmp_path: Path) -> None:
        data = b"\x00\x01" * 500_000
        source = tmp_path / "source"
        source.write_bytes(data)
        key = blob_key(data)
        assert together(8, lambda: store.put(key, source)) == []
        assert self.get(store, key) == data
        assert list(store.walk(BlobArea.ORIGINALS)) == [key]

    def test_what_was_never_put_is_not_found(self, store: BlobStore) -> None:
        key = blob_key(b"nowhere")
        assert store.size(key) is None
        with pytest.raises(NotFound):
            store.open(key)

    def test_owners_and_areas_are_apart(self, store: BlobStore, tmp_path: Path) -> None:
        keys = {
            self.put(store, tmp_path, b"same", blob_key(b"same", area, owner))
            for area in BlobArea
            for owner in (OWNER, OTHER_OWNER)
        }
        store.delete(blob_key(b"same", BlobArea.WORKING, OWNER))
        left = {key for area in BlobArea for key in store.walk(area)}
        assert left == keys - {blob_key(b"same", BlobArea.WORKING, OWNER)}
        assert self.get(store, blob_key(b"same", BlobArea.WORKING, OTHER_OWNER)) == b"same"

    def test_an_original_cannot_be_deleted(self, store: BlobStore, tmp_path: Path) -> None:
        key = self.put(store, tmp_path, b"original")
        with pytest.raises(Forbidden):
            store.delete(key)
        assert self.get(store, key) == b"original"

    def test_deleting_a_missing_working_blob_is_no_error(self, store: BlobStore) -> None:
        store.delete(blob_key(b"nowhere", BlobArea.WORKING))

    @pytest.mark.parametrize("owner", HOSTILE_PARTS)
    def test_a_hostile_owner_is_refused(self, store: BlobStore, tmp_path: Path, owner: str) -> None:
        with pytest.raises(InputRefused):
            self.put(store, tmp_path, b"x", blob_key(b"x", owner=owner))

    def test_publishing_replaces(self, store: BlobStore) -> None:
        store.publish("log/tile/0/x001/067", b"first")
        store.publish("log/tile/0/x001/067", b"second")
        assert store.published("log/tile/0/x001/067") == b"second"

    def test_a_reader_sees_a_whole_publication(self, store: BlobStore) -> None:
        versions = [bytes([n]) * 100_000 for n in range(4)]
        store.publish("checkpoint", versions[0])
        seen: list[bytes] = []

        def publish_or_read() -> None:
            for version in versions:
                store.publish("checkpoint", version)
                seen.append(store.published("checkpoint"))

        assert together(4, publish_or_read) == []
        assert set(seen) <= set(versions)

    def test_what_was_never_published_is_not_found(self, store: BlobStore) -> None:
        with pytest.raises(NotFound):
            store.published("log/checkpoint")

    @pytest.mark.parametrize("name", HOSTILE_PARTS)
    def test_a_hostile_name_is_refused(self, store: BlobStore, name: str) -> None:
        with pytest.raises(InputRefused):
            store.publish(name, b"x")
        with pytest.raises(InputRefused):
            store.published(name)
