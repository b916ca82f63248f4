"""kill -9 around every irreversible step of the sequencer: the next round mends it and the audit agrees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cectrust import faults
from cectrust.archive.receipt import ReceiptTrust, verify_receipt
from cectrust.archive.sequencer import Sequencer
from cectrust.tlog import LocalNoteSigner
from tests.archive.test_audit import audit
from tests.archive.test_sequencer import blobs, receipt, record_act, seal, sequencer
from tests.support.tsa import OpensslTimestamper

__all__ = ["blobs", "sequencer"]
FAILPOINTS = [name for name in faults.names() if name.startswith("archive.")]
ROOT = Path(__file__).parents[2]


def run_round(url: str, store: Path, authority: Path, dying_at: str) -> int:
    command = [sys.executable, "-m", "tests.archive.sequence_once", url, store, authority]
    environment = {**os.environ, faults.VARIABLE: dying_at}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def test_the_sequencer_has_a_failpoint_around_every_irreversible_step() -> None:
    assert len(FAILPOINTS) == 6


@pytest.mark.parametrize("name", FAILPOINTS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_power_cut_the_next_round_completes_what_was_begun(
    sequencer: Sequencer,
    log_signer: LocalNoteSigner,
    trust: ReceiptTrust,
    timestamper: OpensslTimestamper,
    database_url: str,
    tmp_path: Path,
    name: str,
) -> None:
    record_act(sequencer)
    seal(sequencer, "C-1", "C-2")
    died = run_round(database_url, tmp_path / "blobs", timestamper.directory, name)
    assert died == -signal.SIGKILL
    seal(sequencer, "C-3")
    assert sequencer.run() == 4
    assert audit(sequencer, log_signer, trust).findings == ()
    for number in ("C-1", "C-2", "C-3"):
        assert verify_receipt(receipt(sequencer, log_signer, number), trust).receipt.entry.number == number
