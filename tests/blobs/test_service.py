"""A store that loses, changes or lies is noticed before a byte is used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import structlog

from cectrust.blobs import Blobs
from cectrust.builtin.file_store import FileStore
from cectrust.sdk.errors import Forbidden, InputRefused, IntegrityBroken, NotFound, Unavailable
from cectrust.sdk.protocols import BlobArea, BlobKey, Digest
from tests.support.attacks import flipped
from tests.support.blobs import kept
from tests.support.faulty_store import FAULTS, FaultyStore

OWNER = "0190a7f2c3d47e5f8a9b0c1d2e3f4a5b"
DATA = b"%PDF-1.7 " * 200_000


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "blobs")


@pytest.fixture
def blobs(store: FileStore) -> Blobs:
    return Blobs(store)


def damage(store: FileStore, offset: int) -> None:
    path = next((store.root / "originals").glob("*/*/*"))
    path.chmod(0o600)
    path.write_bytes(flipped(path.read_bytes(), offset))


def test_a_kept_file_is_fetched_read_and_opened_alike(blobs: Blobs, tmp_path: Path) -> None:
    source, target = tmp_path / "in.pdf", tmp_path / "out.pdf"
    source.write_bytes(DATA)
    stored = blobs.keep(BlobArea.ORIGINALS, OWNER, source)
    assert stored.key == BlobKey(BlobArea.ORIGINALS, OWNER, Digest(hashlib.sha256(DATA).hexdigest()))
    assert stored.size == len(DATA)
    blobs.fetch(stored.key, target)
    with blobs.open_verified(stored.key) as opened:
        assert target.read_bytes() == opened.read() == blobs.read(stored.key, len(DATA)) == DATA
    assert blobs.verify(stored.key) == len(DATA)


@pytest.mark.parametrize("offset", [0, len(DATA) // 2, len(DATA) - 1])
def test_T17_one_changed_bit_in_the_store_breaks_every_way_of_reading(
    blobs: Blobs, store: FileStore, tmp_path: Path, offset: int
) -> None:
    key = kept(blobs, BlobArea.ORIGINALS, OWNER, DATA).key
    damage(store, offset)
    target = tmp_path / "out.pdf"
    for read in (
        lambda: blobs.fetch(key, target),
        lambda: blobs.read(key, len(DATA)),
        lambda: blobs.open_verified(key),
        lambda: blobs.verify(key),
    ):
        with pytest.raises(IntegrityBroken):
            read()
    assert not target.exists()


def test_a_lost_blob_is_an_alarm_and_not_a_missing_page(blobs: Blobs, store: FileStore) -> None:
    key = kept(blobs, BlobArea.ORIGINALS, OWNER, DATA).key
    next((store.root / "originals").glob("*/*/*")).unlink()
    with pytest.raises(IntegrityBroken):
        blobs.read(key, len(DATA))


def test_reading_into_memory_is_bounded(blobs: Blobs) -> None:
    key = kept(blobs, BlobArea.WORKING, OWNER, DATA).key
    with pytest.raises(InputRefused, match="limit"):
        blobs.read(key, len(DATA) - 1)


class ForgetfulStore(FileStore):
    """Acknowledges without storing."""

    def put(self, key: BlobKey, source: Path) -> None:
        pass


def test_a_store_that_only_says_it_stored_is_caught(tmp_path: Path) -> None:
    with pytest.raises(IntegrityBroken):
        kept(Blobs(ForgetfulStore(tmp_path)), BlobArea.ORIGINALS, OWNER, DATA)


def test_only_working_blobs_can_be_deleted(blobs: Blobs) -> None:
    working = kept(blobs, BlobArea.WORKING, OWNER, DATA).key
    original = kept(blobs, BlobArea.ORIGINALS, OWNER, DATA).key
    blobs.delete(working)
    with pytest.raises(Forbidden):
        blobs.delete(original)
    assert [key for area in BlobArea for key in blobs.walk(area)] == [original]


def test_published_bytes_are_found_by_name(blobs: Blobs) -> None:
    blobs.publish("log/checkpoint", b"1")
    assert blobs.published("log/checkpoint") == b"1"
    with pytest.raises(NotFound):
        blobs.published("log/other")


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_store_could_not_keep_is_tried_again_and_never_the_callers_fault(tmp_path: Path, fault: str) -> None:
    blobs, source = Blobs(FaultyStore(tmp_path / "blobs", fault)), tmp_path / "in.pdf"
    source.write_bytes(DATA)
    with structlog.testing.capture_logs() as logged, pytest.raises(Unavailable):
        blobs.keep(BlobArea.ORIGINALS, OWNER, source)
    assert any(entry.get("alarm") for entry in logged) == (fault == "lying")
    assert list(blobs.walk(BlobArea.ORIGINALS)) == []
    assert blobs.verify(blobs.keep(BlobArea.ORIGINALS, OWNER, source).key) == len(DATA)


def test_a_source_that_changes_while_it_is_read_is_the_callers_affair(tmp_path: Path) -> None:
    source = tmp_path / "in.pdf"
    source.write_bytes(DATA)

    class Slow(FileStore):
        def put(self, key: BlobKey, source: Path) -> None:
            source.write_bytes(b"other bytes")
            super().put(key, source)

    with pytest.raises(InputRefused):
        Blobs(Slow(tmp_path / "blobs")).keep(BlobArea.ORIGINALS, OWNER, source)
