"""Signing and validating against unpatched pyHanko and the physical limit, three sizes, without TSA time.

Limit of signing: SHA-256 of the bytes, one signature, one write, one fsync. Of validating: SHA-256 of the bytes
and one verification for each of the two signatures. Peer and we write to the page cache without fsync.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tests.benchmarks.credentials import Credentials
from tests.benchmarks.documents import CASES, make_document
from tests.benchmarks.row import Row
from tests.support.contracts import seal_image, with_fields
from tests.support.pki import build_pki

RUNS = {"30 KB": 15, "5 MB, 50 pages": 7, "100 MB": 3}


def run() -> list[Row]:
    """Measure every case in fresh processes."""
    credentials = _credentials()
    return [row for case in CASES for row in _case(case, credentials)]


def _case(case: str, credentials: Credentials) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with_fields(make_document(folder / "source.pdf", *CASES[case]), folder / "fields.pdf")
        credentials.save(folder / "credentials.json")
        signing, verifying = _limits(folder, credentials, RUNS[case])
        ours, peer = (_process(module, folder, RUNS[case]) for module in ("signing_ours", "signing_pyhanko"))
    both, theirs = ours["prepare"] + ours["embed"], peer["prepare"] + peer["embed"]
    return [
        Row("prepare", case, ours["prepare"], peer_milliseconds=peer["prepare"]),
        Row("embed (B-B)", case, ours["embed"], peer_milliseconds=peer["embed"]),
        Row("prepare + embed", case, both, signing, ours["signing_memory"], theirs),
        Row("validate, 2 signatures", case, ours["validate"], verifying, ours["validating_memory"], peer["validate"]),
    ]


def _process(module: str, folder: Path, runs: int) -> dict[str, float]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", str(folder), str(runs)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def _credentials() -> Credentials:
    pki = build_pki(ocsp_url=None)
    key = pki.hanako.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    crls = (pki.issuing.crl(), pki.root.crl())
    return Credentials(pki.hanako.der, pki.issuing.der, pki.root.der, key, seal_image().png, crls)


def _limits(folder: Path, credentials: Credentials, runs: int) -> tuple[float, float]:
    """Milliseconds that no program can go below on this machine: (signing, validating)."""
    signing, verifying = [], []
    public = serialization.load_der_private_key(credentials.key, None).public_key()
    for _ in range(runs):
        start = time.perf_counter()
        data = (folder / "fields.pdf").read_bytes()
        digest = hashlib.sha256(data).digest()
        hashed = time.perf_counter()
        signature = credentials.sign(digest)
        _write(folder / "limit.pdf", data)
        written = time.perf_counter()
        for _ in range(2):
            public.verify(signature, digest, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr,call-arg]
        signing.append((written - start) * 1000)
        verifying.append((hashed - start + time.perf_counter() - written) * 1000)
    return median(signing), median(verifying)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
