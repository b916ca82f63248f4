"""Files as a blob store: the contract, and what a full or broken disk does."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cectrust.builtin.file_store import ABANDONED_SECONDS, FileStore
from cectrust.sdk.errors import Unavailable
from cectrust.sdk.protocols import BlobArea
from cectrust.sdk.testing import BlobStoreContract, blob_key
from tests.conftest import ChosenClock


class TestFileStore(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FileStore:
        return FileStore(tmp_path / "blobs" / "deeper")


def put(store: FileStore, directory: Path, data: bytes) -> Path:
    source = directory / "source"
    source.write_bytes(data)
    store.put(blob_key(data), source)
    return next((store.root / "originals").glob("*/*/*"))


def test_an_original_is_read_only_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "blobs")
    path = put(store, tmp_path, b"original")
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert list((store.root / "incoming").iterdir()) == []


def test_a_damaged_original_is_healed_by_storing_it_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "blobs")
    path = put(store, tmp_path, b"original")
    path.chmod(0o600)
    path.write_bytes(b"damaged!")
    put(store, tmp_path, b"original")
    assert path.read_bytes() == b"original"


def test_published_names_cannot_cover_a_directory(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "blobs")
    store.publish("log/checkpoint", b"1")
    with pytest.raises(Unavailable):
        store.publish("log", b"2")
    assert store.published("log/checkpoint") == b"1"


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path, clock: ChosenClock) -> None:
    store = FileStore(tmp_path / "blobs")
    kept = put(store, tmp_path, b"original")
    for name, age in (("abandoned", ABANDONED_SECONDS + 1), ("being-written", ABANDONED_SECONDS - 1)):
        path = store.root / "incoming" / name
        path.write_bytes(b"half")
        moment = clock.now() / 1_000_000 - age
        os.utime(path, (moment, moment))
    store.sweep(clock)
    assert [path.name for path in (store.root / "incoming").iterdir()] == ["being-written"]
    assert kept.exists()


FILL = """
import pathlib, resource, signal, sys
from cectrust.builtin.file_store import FileStore
from cectrust.sdk.errors import Unavailable
from cectrust.sdk.testing import blob_key
root, source = map(pathlib.Path, sys.argv[1:])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
store, key = FileStore(root), blob_key(source.read_bytes())
try:
    store.put(key, source)
except Unavailable as error:
    print(error.detail.split(":")[0], store.size(key), sum(1 for _ in (root / "incoming").iterdir()))
"""


def test_a_disk_that_takes_no_more_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"\x00" * 300_000)
    process = subprocess.run(
        [sys.executable, "-c", FILL, tmp_path / "blobs", source], capture_output=True, text=True, check=True
    )
    assert process.stdout.split() == ["EFBIG", "None", "0"]


@pytest.mark.parametrize("area", list(BlobArea))
def test_walking_an_empty_store_finds_nothing(tmp_path: Path, area: BlobArea) -> None:
    assert list(FileStore(tmp_path / "never").walk(area)) == []
