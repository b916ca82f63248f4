"""Sealing what happened, and handing out the proof of it.

The caller has already asked permission: contracts and companies' own documents know who may see them, the
archive knows neither.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from cectrust.archive import store
from cectrust.archive.model import Entry, Event, Sealing, StoredCheckpoint, entry_time, fresh_salt
from cectrust.archive.receipt import Receipt
from cectrust.clock import new_id
from cectrust.sdk.errors import Conflict, IntegrityBroken, NotFound
from cectrust.sdk.protocols import BlobArea, Clock, Digest
from cectrust.tlog import (
    NoteVerifier,
    ProofInvalid,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_inclusion,
)

CONTRACTS = "contracts"
"""The ledger of contracts between companies."""


def seal(session: Session, clock: Clock, company_id: str, sealing: Sealing) -> Entry:
    """Insert an entry in the caller's transaction; the sequencer gives it its leaf after the commit.

    The files are durable before (`cectrust.blobs.service.Blobs.keep` in the area `originals`). Sealing the
    same event again returns the entry that is there.

    Raises:
        Conflict: the event is sealed already, with other files or signatures.
        ValueError: a file does not lie among the originals.
    """
    if any(file.key.area is not BlobArea.ORIGINALS for file in sealing.files):
        raise ValueError("only originals are sealed")
    existing = store.entry_with_identity(session, sealing.identity)
    if existing is not None:
        return _same_event(existing.entry, sealing)
    now = clock.now()
    entry = Entry(
        event=sealing.event,
        ledger=sealing.ledger,
        number=sealing.number,
        time=entry_time(now),
        salt=fresh_salt(),
        files=tuple(file.sealed for file in sealing.files),
        signatures=sealing.signatures,
        journal=sealing.journal,
    )
    entry_id = new_id(clock)
    store.insert_entry(session, entry_id, company_id, entry, now, sealing.identity)
    store.insert_files(session, entry_id, sealing.files)
    return entry


def is_sealed(session: Session, sealing: Sealing) -> bool:
    """Whether this event has its entry; the caller needs nothing but its names."""
    return store.entry_with_identity(session, sealing.identity) is not None


def sealed_files(session: Session, sealing: Sealing) -> list[Digest] | None:
    """The digests of the files that this event's entry names; ``None`` if it was never sealed."""
    found = store.entry_with_identity(session, sealing.identity)
    return None if found is None else [file.sha256 for file in found.entry.files]


def receipt_for(session: Session, log_key: NoteVerifier, ledger: str, number: str) -> Receipt:
    """Return the receipt of the concluded contract `number`, proven before it is handed out.

    Raises:
        NotFound: nothing of this number was concluded.
        Conflict: sealed, but no timestamped checkpoint covers it yet (`receipt_pending`); ask again.
        IntegrityBroken: the database no longer agrees with a checkpoint that was handed out.
    """
    row = store.entry_with_identity(session, Sealing(Event.CONCLUDED, ledger, number).identity)
    if row is None:
        raise NotFound("原本性証明書", "receipt")
    index = store.index_of(session, row.id)
    checkpoint = None if index is None else store.first_checkpoint_covering(session, index)
    if index is None or checkpoint is None:
        raise _pending()
    return _proven_receipt(session, log_key, row.entry, index, checkpoint)


def consistency(session: Session, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Return the proof that the log of `new_size` leaves extends the log of `old_size`, for any outsider.

    Raises `TreeRangeInvalid` for sizes that the log does not have.
    """
    return consistency_proof(store.LogHashes(session), old_size, new_size)


def _proven_receipt(
    session: Session, log_key: NoteVerifier, entry: Entry, index: int, checkpoint: StoredCheckpoint
) -> Receipt:
    proof = inclusion_proof(store.LogHashes(session), index, checkpoint.size)
    try:
        verify_inclusion(leaf_hash(entry.leaf_data), index, checkpoint.size, proof, checkpoint.root)
    except ProofInvalid as error:
        raise _log_broken(index) from error
    return Receipt(
        entry=entry,
        index=index,
        tree_size=checkpoint.size,
        proof=proof,
        checkpoint=checkpoint.note,
        timestamp=checkpoint.timestamp,
        log_key=log_key.vkey,
        assurance=checkpoint.assurance,
    )


def _same_event(entry: Entry, sealing: Sealing) -> Entry:
    wanted = (tuple(file.sealed for file in sealing.files), sealing.signatures, sealing.journal)
    if (entry.files, entry.signatures, entry.journal) != wanted:
        raise Conflict(
            "already_sealed",
            "この契約は、別の内容の原本がすでに保管されているため、保管できませんでした。運営担当者へご連絡ください。",
            "This event is already in the archive with other content.",
        )
    return entry


def _pending() -> Conflict:
    return Conflict(
        "receipt_pending",
        "原本性証明書を作成しています。数秒後にもう一度お試しください。",
        "The receipt is being made; please try again in a few seconds.",
    )


def _log_broken(index: int) -> IntegrityBroken:
    return IntegrityBroken(
        "log_broken",
        "原本台帳が、発行済みのチェックポイントと一致しません。運営担当者へご連絡ください。",
        "The log no longer agrees with a checkpoint that was handed out.",
        f"leaf {index}",
    )
