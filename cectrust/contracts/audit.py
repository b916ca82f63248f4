"""What must be true of every contract's rows and bytes, whatever died on the way. Read-only."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from cectrust.archive import service as archive
from cectrust.archive.model import Event, KeptFile, Sealing
from cectrust.blobs.service import Blobs
from cectrust.contracts import store
from cectrust.contracts.model import Contract, Document, Revision, Slot, State
from cectrust.sdk.errors import CectrustError
from cectrust.sdk.protocols import BlobArea, BlobKey

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement. ``code`` is stable, ``place`` names the contract and what of it."""

    code: str
    ja: str
    place: str


def audit(session: Session, blobs: Blobs) -> Iterator[Finding]:
    """Compare every contract's state, slots and revisions with each other, the store and the archive."""
    for contract in store.reading.walk(session):
        for document in contract.documents:
            yield from _chain_findings(contract, document)
            yield from _bytes_findings(contract, document, blobs)
            yield from _copies_findings(contract, document, blobs)
            for slot in document.slots:
                yield from _slot_findings(session, contract, document, slot)
        yield from _conclusion_findings(session, contract)


def _chain_findings(contract: Contract, document: Document) -> Iterator[Finding]:
    """uploaded → fields → one ``signed`` for each filled slot, without gaps."""
    signed = sum(slot.signed_at is not None for slot in document.slots)
    expected = ["uploaded", *(["fields"] if document.slots else []), *["signed"] * signed]
    kinds = [revision.kind for revision in document.revisions]
    if kinds != expected or [r.ordinal for r in document.revisions] != list(range(len(kinds))):
        yield Finding("revisions_differ", "版の並びが署名欄の状態と一致しません。", f"{contract.number} {kinds}")


def _bytes_findings(contract: Contract, document: Document, blobs: Blobs) -> Iterator[Finding]:
    """Every revision lies in the store as recorded, and the newest one begins with each of those before it."""
    if not document.revisions:
        return
    with tempfile.TemporaryDirectory(prefix="cectrust-audit-") as folder:
        newest = Path(folder) / "newest.pdf"
        for revision in reversed(document.revisions):
            place = f"{contract.number} {revision.digest}"
            try:
                size = _read(blobs, document, revision, newest)
            except CectrustError as error:
                yield Finding(error.code, error.ja, place)
                continue
            if size != revision.size:
                yield Finding("revision_size", "版の大きさが記録と一致しません。", place)
            if newest.exists() and not _begins_with(newest, revision):
                yield Finding("revision_not_continued", "新しい版が、前の版の続きになっていません。", place)


def _copies_findings(contract: Contract, document: Document, blobs: Blobs) -> Iterator[Finding]:
    """Every other party's company keeps an original of its own of each signed revision (decision 006)."""
    others = [party.company_id for party in contract.parties if party.company_id != document.owner]
    for revision in document.revisions:
        for company_id in others if revision.kind == "signed" else ():
            try:
                blobs.verify(BlobKey(BlobArea.ORIGINALS, company_id, revision.digest))
            except CectrustError as error:
                yield Finding(error.code, error.ja, f"{contract.number} {company_id} {revision.digest}")


def _read(blobs: Blobs, document: Document, revision: Revision, newest: Path) -> int:
    key = BlobKey(BlobArea.ORIGINALS, document.owner, revision.digest)
    if revision is not document.current:
        return blobs.verify(key)
    blobs.fetch(key, newest)
    return newest.stat().st_size


def _begins_with(newest: Path, revision: Revision) -> bool:
    """T14: a later signature is an incremental update, so the earlier file is its beginning."""
    with newest.open("rb") as file:
        return hashlib.sha256(file.read(revision.size)).hexdigest() == revision.digest


def _slot_findings(session: Session, contract: Contract, document: Document, slot: Slot) -> Iterator[Finding]:
    place = f"{contract.number} {slot.field}"
    if slot.signed_at is None:
        if slot.revision_id or slot.signer:
            yield Finding("slot_half_signed", "署名欄の記録が途中です。", place)
        return
    revision = next((r for r in document.revisions if r.id == slot.revision_id and r.kind == "signed"), None)
    if revision is None:
        yield Finding("slot_without_revision", "署名済みの欄に、署名された版がありません。", place)
    elif not archive.is_sealed(session, _sealing(Event.SIGNED, contract, document, revision)):
        yield Finding("signature_not_sealed", "署名された版が原本台帳にありません。", place)


def _conclusion_findings(session: Session, contract: Contract) -> Iterator[Finding]:
    """Concluded exactly if the archive says so, with this file, and nothing is left to sign."""
    document = contract.document
    sealed = archive.sealed_files(session, _sealing(Event.CONCLUDED, contract, document, document.current))
    expected = [document.current.digest] if contract.state is State.CONCLUDED else None
    if sealed != expected:
        yield Finding("conclusion_differs", "締結の状態が原本台帳と一致しません。", contract.number)
    if contract.state is State.CONCLUDED and not all(slot.signed_at for slot in document.slots):
        yield Finding("concluded_unsigned", "締結済みの契約に、未署名の欄があります。", contract.number)


def _sealing(event: Event, contract: Contract, document: Document, revision: Revision) -> Sealing:
    key = BlobKey(BlobArea.ORIGINALS, document.owner, revision.digest)
    return Sealing(event, archive.CONTRACTS, contract.number, (KeptFile(key, revision.size, _PDF),))
