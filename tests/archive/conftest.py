"""One log, one time-stamping authority and one honest receipt for the tests of this room."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from cectrust.archive.model import Assurance, Entry, Event, RequiredSignature, SealedFile
from cectrust.archive.receipt import Receipt, ReceiptTrust
from cectrust.pades.tokens import TokenVerifier
from cectrust.sdk.protocols import Digest
from cectrust.tlog import Checkpoint, LocalNoteSigner, MemoryTree, inclusion_proof, sign_checkpoint, tree_root
from tests.support.tsa import OpensslTimestamper, make_timestamper

CONTRACT = b"%PDF-1.7 the concluded contract"
ORIGIN = "cectrust.example.jp/log"
LOG_KEY = bytes(range(32))


@pytest.fixture(scope="session")
def log_signer() -> LocalNoteSigner:
    return LocalNoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(LOG_KEY))


@pytest.fixture(scope="session")
def timestamper(tmp_path_factory: pytest.TempPathFactory) -> OpensslTimestamper:
    return make_timestamper(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="session")
def trust(log_signer: LocalNoteSigner, timestamper: OpensslTimestamper) -> ReceiptTrust:
    return ReceiptTrust([log_signer.verifier], TokenVerifier([der_of(timestamper.root)]))


@dataclass(frozen=True)
class Proven:
    """A receipt and the files with which an outsider verifies it."""

    receipt: Receipt
    path: Path
    original: Path
    tsa_root: Path


@pytest.fixture(scope="session")
def proven(
    tmp_path_factory: pytest.TempPathFactory, log_signer: LocalNoteSigner, timestamper: OpensslTimestamper
) -> Proven:
    receipt = make_receipt(concluded_entry(), log_signer, timestamper)
    directory = tmp_path_factory.mktemp("receipt")
    (directory / "receipt.json").write_bytes(receipt.encode())
    (directory / "contract.pdf").write_bytes(CONTRACT)
    return Proven(receipt, directory / "receipt.json", directory / "contract.pdf", timestamper.root)


def der_of(pem: Path) -> bytes:
    return load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.DER)


def concluded_entry() -> Entry:
    return Entry(
        event=Event.CONCLUDED,
        ledger="contracts",
        number="2026-000001-7",
        time="2026-11-23T03:00:00.000000Z",
        salt="00112233445566778899aabbccddeeff",
        files=(SealedFile(Digest(sha256(CONTRACT).hexdigest()), len(CONTRACT), "application/pdf"),),
        signatures=(RequiredSignature("Party1", "髙﨑 𠮷乃"), RequiredSignature("Party2", "山田 太郎")),
    )


def make_receipt(entry: Entry, signer: LocalNoteSigner, timestamper: OpensslTimestamper) -> Receipt:
    """A receipt for `entry` as leaf 4 of 7."""
    tree = MemoryTree()
    for index in range(7):
        tree.append(entry.leaf_data if index == 4 else bytes([index]) * 32)
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, tree_root(tree, 7)), signer)
    return Receipt(
        entry=entry,
        index=4,
        tree_size=7,
        proof=inclusion_proof(tree, 4, 7),
        checkpoint=note,
        timestamp=timestamper.timestamp(sha256(note.encode()).digest()),
        log_key=signer.verifier.vkey,
        assurance=Assurance.OPERATOR_ONLY,
    )
