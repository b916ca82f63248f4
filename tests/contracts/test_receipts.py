"""Whoever may see a concluded contract gets its proof, and nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cectrust.archive.printout import Issuer, receipt_pdf
from cectrust.archive.receipt import ReceiptTrust, verify_receipt
from cectrust.archive.sequencer import Sequencer
from cectrust.contracts import service
from cectrust.pades.tokens import TokenVerifier
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.tlog import LocalNoteSigner
from tests.support.house import House

SIGNER = LocalNoteSigner("localhost/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def trust(home: House) -> ReceiptTrust:
    return ReceiptTrust([SIGNER.verifier], TokenVerifier(home.platform.tsa_anchors))


def run_sequencer(home: House) -> None:
    platform = home.platform
    assert platform.timestamper is not None
    origin = platform.settings.log_origin
    Sequencer(platform.database, platform.clock, platform.blobs, SIGNER, platform.timestamper, origin).run()


def test_T25_both_parties_prove_a_concluded_contract_with_the_bytes_they_hold(home: House, tmp_path: Path) -> None:
    contract = home.concluded()
    with pytest.raises(Conflict, match="receipt_pending"):
        home.read(service.receipt, home.sender.actor, contract.id, SIGNER.verifier)
    run_sequencer(home)
    for actor in (home.sender.actor, home.recipient.actor, home.company_id_actor):
        found, receipt = home.read(service.receipt, actor, contract.id, SIGNER.verifier)
        verified = verify_receipt(receipt.encode(), trust(home))
        _, key = home.read(service.original, actor, contract.id)
        assert [file.sha256 for file in verified.receipt.entry.files] == [key.digest]
        assert verified.receipt.entry.number == contract.number
        assert [s.field for s in verified.receipt.entry.signatures] == [s.field for s in contract.document.slots]
        assert receipt_pdf(verified, Issuer("運営者", "", ""), found.title)[:5] == b"%PDF-"


def test_an_outsider_gets_no_receipt_and_an_open_contract_has_none(home: House) -> None:
    contract = home.concluded()
    run_sequencer(home)
    with pytest.raises(NotFound):
        home.read(service.receipt, home.stranger, contract.id, SIGNER.verifier)
    with pytest.raises(NotFound):
        home.read(service.receipt, home.sender.actor, home.register().id, SIGNER.verifier)
