"""A receipt's timestamp that does not hold is refused; only a missing anchor leaves it unconfirmed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from cectrust.archive.parsing import ReceiptRefused
from cectrust.archive.receipt import ReceiptTrust, judge_receipt
from cectrust.cli_verify import verify_command
from cectrust.pades.tokens import TokenVerifier
from tests.archive.conftest import Proven
from tests.support.tsa import OpensslTimestamper


def broken_token(token: bytes) -> bytes:
    """The last byte is one of the signature's value."""
    return token[:-1] + bytes([token[-1] ^ 1])


@pytest.mark.parametrize("roots", ["given", "not given"])
@pytest.mark.parametrize("kind", ["other bytes", "broken signature", "no token"])
def test_a_timestamp_that_does_not_hold_is_refused_whoever_is_trusted(
    proven: Proven, trust: ReceiptTrust, timestamper: OpensslTimestamper, kind: str, roots: str
) -> None:
    token = {
        "other bytes": lambda: timestamper.timestamp(sha256(b"other bytes").digest()),
        "broken signature": lambda: broken_token(proven.receipt.timestamp),
        "no token": lambda: b"0\x03\x02\x01\x00",
    }[kind]()
    verifier = trust.verify_timestamp if roots == "given" else TokenVerifier([])
    with pytest.raises(ReceiptRefused):
        judge_receipt(replace(proven.receipt, timestamp=token).encode(), trust.log_keys, verifier)


def test_the_command_refuses_a_receipt_whose_timestamp_is_over_other_bytes(
    proven: Proven, timestamper: OpensslTimestamper, tmp_path: Path
) -> None:
    forged = tmp_path / "forged.json"
    token = timestamper.timestamp(sha256(b"other bytes").digest())
    forged.write_bytes(replace(proven.receipt, timestamp=token).encode())
    pdf = Path(__file__).parents[1] / "fixtures" / "pdf" / "weasyprint.pdf"
    options = ["--receipt", str(forged), "--trust", str(proven.tsa_root), "--log-key", proven.receipt.log_key]
    refused = CliRunner().invoke(verify_command, [str(pdf), *options])
    assert refused.exit_code == 2
    assert "原本性証明書は確認できません" in refused.output
