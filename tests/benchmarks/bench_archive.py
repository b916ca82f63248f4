"""Sealing one original: kept durably, read back, entry committed; and one round of the sequencer after it.

The round (leaf, head signed and stored, tiles published) serves all entries of its second, so it stands
apart. Without TSA time. The limit is SHA-256 of the bytes, one signature, one write and one fsync.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cectrust.archive import service
from cectrust.archive.model import Event, KeptFile, Sealing
from cectrust.archive.sequencer import Sequencer
from cectrust.blobs.service import Blobs
from cectrust.builtin.file_store import FileStore
from cectrust.clock import SystemClock
from cectrust.database import metadata, open_database
from cectrust.sdk.protocols import BlobArea
from cectrust.tlog import LocalNoteSigner
from tests.benchmarks.row import Row, median_milliseconds, peak_memory

ORIGIN = "bench.example.jp/log"
COMPANY = "0190000000007000800000000000c0a1"
SIZES = {"30 KB": (30_000, 15), "5 MB, 50 pages": (5_000_000, 9), "100 MB": (100_000_000, 3)}


@dataclass(frozen=True)
class Untimed:
    """Stands where the TSA does, because its time is another's."""

    name: str = "none"
    accredited: bool = False

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        return digest + algorithm.encode()


def run() -> list[Row]:
    """Measure every size on SQLite and plain files in a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="cectrust-bench-") as name:
        return [row for size, case in SIZES.items() for row in _rows(Path(name), size, *case)]


def _rows(directory: Path, size: str, length: int, rounds: int) -> list[Row]:
    sources = [_source(directory / f"{length}-{number}.pdf", length) for number in range(rounds + 1)]
    sequencer, key = _sequencer(directory / f"{length}"), Ed25519PrivateKey.generate()
    limit = median_milliseconds(lambda n: _limit(sources[n], directory / f"{length}-{n}.copy", key), rounds)
    sealed = median_milliseconds(lambda n: seal(sequencer, sources[n]), rounds)
    memory = peak_memory(lambda: seal(sequencer, sources[-1]))
    rounds_memory = peak_memory(sequencer.run)
    entire = median_milliseconds(lambda n: _seal_and_round(sequencer, sources[n], f"{n}"), rounds)
    return [
        Row("seal", size, sealed, limit, memory),
        Row("seal to published head", size, entire, limit, rounds_memory),
    ]


def seal(sequencer: Sequencer, source: Path, number: str = "") -> None:
    """What a signing workflow waits for: the original durable under its digest, the entry committed."""
    blob = sequencer.blobs.keep(BlobArea.ORIGINALS, COMPANY, source)
    kept = KeptFile(blob.key, blob.size, "application/pdf")
    with sequencer.database.transaction() as session:
        what = Sealing(Event.SIGNED, service.CONTRACTS, source.stem + number, (kept,))
        service.seal(session, sequencer.clock, COMPANY, what)


def _seal_and_round(sequencer: Sequencer, source: Path, number: str) -> None:
    with source.open("r+b") as file:
        file.write(os.urandom(16))
    seal(sequencer, source, number)
    sequencer.run()


def _limit(source: Path, target: Path, key: Ed25519PrivateKey) -> None:
    data = source.read_bytes()
    key.sign(hashlib.sha256(data).digest())
    with target.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    target.unlink()


def _source(path: Path, length: int) -> Path:
    path.write_bytes(os.urandom(length))
    return path


def _sequencer(directory: Path) -> Sequencer:
    directory.mkdir()
    database = open_database(f"sqlite:///{directory}/bench.db")
    metadata.create_all(database.engine)
    signer = LocalNoteSigner(ORIGIN, Ed25519PrivateKey.generate())
    blobs = Blobs(FileStore(directory / "blobs"))
    return Sequencer(database, SystemClock(), blobs, signer, Untimed(), ORIGIN)
