"""The audit names whatever was changed in database, store or published log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from cectrust.archive.audit import Audit, AuditReport
from cectrust.archive.receipt import ReceiptTrust
from cectrust.archive.sequencer import Sequencer
from cectrust.archive.tables import checkpoints, entries, files, leaves, nodes
from cectrust.journal.tables import positions
from cectrust.tlog import LocalNoteSigner
from tests.archive.test_sequencer import blobs, record_act, seal, sequencer
from tests.support.attacks import flipped

__all__ = ["blobs", "sequencer"]


@pytest.fixture
def log(sequencer: Sequencer) -> Sequencer:
    """A log of 12 leaves under two heads, the journal's head among them."""
    record_act(sequencer)
    seal(sequencer, "C-1")
    sequencer.run()
    seal(sequencer, *(f"D-{n}" for n in range(10)))
    sequencer.run()
    return sequencer


def audit(log: Sequencer, signer: LocalNoteSigner, trust: ReceiptTrust) -> AuditReport:
    with log.database.reading() as session:
        return Audit(session, log.blobs, signer.verifier, trust.verify_timestamp).run()


def test_an_untouched_archive_has_no_findings(log: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust) -> None:
    report = audit(log, log_signer, trust)
    assert report.findings == ()
    assert (report.leaves, report.checkpoints, report.files) == (12, 2, 11)


ALTERATIONS = {
    "leaf_altered": update(leaves).where(leaves.c.index == 7).values(leaf_data="0" * 64),
    "leaf_missing": delete(leaves).where(leaves.c.index == 7),
    "log_shrank": delete(leaves).where(leaves.c.index >= 8),
    "head_differs": update(checkpoints).values(root="0" * 64),
    "note_differs": update(checkpoints).values(root="0" * 64),
    "note_invalid": update(checkpoints).values(note="x\n\n— x eHh4eHh4\n"),
    "timestamp_refused": update(checkpoints).values(timestamp=b"0"),
    "files_altered": update(files).values(sha256="0" * 64),
    "blob_broken": update(files).values(sha256="0" * 64),
    "file_size": update(files).values(size=1),
    "entry_forgotten": delete(leaves).where(leaves.c.index >= 11),
    "journal_rewritten": update(positions).values(chain_hash="0" * 64),
}


@pytest.mark.parametrize("code", ALTERATIONS)
def test_T11_what_a_database_administrator_changes_is_found(
    log: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust, code: str
) -> None:
    with log.database.transaction() as session:
        session.execute(ALTERATIONS[code])
    assert code in {finding.code for finding in audit(log, log_signer, trust).findings}


def test_an_altered_root_of_a_full_tile_is_found(
    log: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust
) -> None:
    seal(log, *(f"E-{n}" for n in range(256)))
    log.run()
    assert audit(log, log_signer, trust).findings == ()
    with log.database.transaction() as session:
        session.execute(update(nodes).values(hash="0" * 64))
    codes = {finding.code for finding in audit(log, log_signer, trust).findings}
    assert codes == {"node_altered", "tile_differs"}


def test_an_entry_rewritten_consistently_is_found_by_the_heads_handed_out(
    log: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust
) -> None:
    with log.database.transaction() as session:
        row = session.execute(entries.select().where(entries.c.number == "C-1")).one()
        forged = row.content.replace('"name":"髙﨑 𠮷乃"', '"name":"高崎 吉乃"')
        session.execute(update(entries).where(entries.c.id == row.id).values(content=forged))
    codes = {finding.code for finding in audit(log, log_signer, trust).findings}
    assert {"leaf_altered", "head_differs"} <= codes


def test_an_entry_that_is_no_entry_any_more_is_found_and_the_audit_goes_on(
    log: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust
) -> None:
    with log.database.transaction() as session:
        session.execute(update(entries).where(entries.c.number == "C-1").values(content="{}"))
    codes = {finding.code for finding in audit(log, log_signer, trust).findings}
    assert "receipt_refused" in codes


def flip_first_byte(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(flipped(path.read_bytes(), 0))


@pytest.mark.parametrize(
    ("pattern", "act", "code"),
    [
        ("originals/*/*/*", flip_first_byte, "blob_broken"),
        ("originals/*/*/*", Path.unlink, "blob_broken"),
        ("published/log/tile/0/000.p/12", flip_first_byte, "tile_differs"),
        ("published/log/tile/entries/000.p/12", Path.unlink, "tile_differs"),
        ("published/log/checkpoint", flip_first_byte, "note_invalid"),
    ],
)
def test_what_an_administrator_of_the_store_changes_is_found(
    log: Sequencer,
    log_signer: LocalNoteSigner,
    trust: ReceiptTrust,
    tmp_path: Path,
    pattern: str,
    act: Callable[[Path], None],
    code: str,
) -> None:
    act(next((tmp_path / "blobs").glob(pattern)))
    assert code in {finding.code for finding in audit(log, log_signer, trust).findings}
