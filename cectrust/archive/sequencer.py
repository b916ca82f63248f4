"""The one sequencer: entries become leaves, leaves get a signed and timestamped head, the head is published.

Order of the irreversible steps: leaves are committed; then the head over them is signed and timestamped,
outside any transaction; then it is stored by compare-and-swap; then tiles, and last the checkpoint, are
published. A crash between any two leaves nothing to mend: the next round does what is missing. A signed
head that was never stored is harmless, because the leaves under it were already committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from sqlalchemy.orm import Session

from cectrust.archive import store
from cectrust.archive.model import Assurance, Event, JournalHead, Sealing, StoredCheckpoint
from cectrust.archive.receipt import TimestampVerifier
from cectrust.archive.service import seal
from cectrust.blobs.service import Blobs
from cectrust.database import Database
from cectrust.faults import declare, failpoint
from cectrust.journal import service as journal
from cectrust.pades.tokens import signer_sha256
from cectrust.sdk.errors import Conflict, IntegrityBroken, NotFound
from cectrust.sdk.protocols import Clock, Digest, Timestamper
from cectrust.tlog import (
    ENTRIES,
    TILE_WIDTH,
    Checkpoint,
    NoteInvalid,
    Tile,
    completed_tiles,
    encode_entries,
    parse_checkpoint,
    parse_note,
    read_tile,
    sign_checkpoint,
    tiles_between,
    tree_root,
)

BATCH = 1000
PUBLISHED_PREFIX = "log/"
CHECKPOINT_NAME = PUBLISHED_PREFIX + "checkpoint"
_OPERATOR = "operator"
declare("archive.sequence", "archive.checkpoint", "archive.publish")


class CheckpointSigner(Protocol):
    """The log's key, held by the keys role and never by a web process."""

    def sign(self, note_body: bytes) -> str:
        """Return the signed-note line over `note_body`. Raises `Unavailable`."""


@dataclass(frozen=True)
class Sequencer:
    """What one round needs; `origin` is the log's name, the same as its key's.

    `accredited` lists SHA-256 digests (hex) of TSA certificates that may be called 認定 (T13).
    With `verify_timestamp`, a token that outsiders could not verify never becomes part of a head.
    """

    database: Database
    clock: Clock
    blobs: Blobs
    signer: CheckpointSigner
    timestamper: Timestamper
    origin: str
    accredited: frozenset[str] = frozenset()
    verify_timestamp: TimestampVerifier | None = None

    def run(self) -> int:
        """One round, safe to repeat and to run beside another; returns the log's size.

        Raises `Unavailable` when signer or TSA do not answer: leaves stay in order, the next round goes on.
        """
        size = self._sequence()
        with self.database.reading() as session:
            head = unsigned_head(session, self.origin)
        if head is not None:
            self._hand_out(self._endorse(head))
        with self.database.reading() as session:
            publish(session, self.blobs)
        return size

    def _sequence(self) -> int:
        failpoint("archive.sequence.before")
        with self.database.transaction() as session:
            size = sequence(session, self.clock)
        failpoint("archive.sequence.after")
        return size

    def _hand_out(self, stored: StoredCheckpoint) -> None:
        failpoint("archive.checkpoint.before")
        with self.database.transaction() as session:
            store.insert_checkpoint(session, stored, self.clock.now())
        failpoint("archive.checkpoint.after")

    def _endorse(self, head: Checkpoint) -> StoredCheckpoint:
        note = sign_checkpoint(head, self.signer)
        token = self.timestamper.timestamp(sha256(note.encode()).digest())
        if self.verify_timestamp is not None:
            self.verify_timestamp(token, note.encode())
        return StoredCheckpoint(head.size, head.root, note, token, self._assurance(token))

    def _assurance(self, token: bytes) -> Assurance:
        """The timestamper's own claim is not enough: the certificate in the token must be on the list."""
        if self.timestamper.accredited and signer_sha256(token) in self.accredited:
            return Assurance.ACCREDITED_TIMESTAMP
        return Assurance.OPERATOR_ONLY


def sequence(session: Session, clock: Clock) -> int:
    """Give committed entries their leaves, the journal's head last; returns the new size of the log."""
    store.lock_log(session)
    _seal_journal_head(session, clock)
    rows = sorted(store.unsequenced(session, BATCH), key=lambda row: row.entry.event is Event.JOURNAL)
    start = store.log_size(session)
    store.insert_leaves(session, start, rows)
    for size in range(start + 1, start + len(rows) + 1):
        for level, value in completed_tiles(store.LogHashes(session), size):
            store.insert_node(session, level, size // TILE_WIDTH**level - 1, value)
    return start + len(rows)


def unsigned_head(session: Session, origin: str) -> Checkpoint | None:
    """Return the log's head if no stored checkpoint has its size yet."""
    size, last = store.log_size(session), store.last_checkpoint(session)
    if size == (last.size if last else 0):
        return None
    return Checkpoint(origin, size, tree_root(store.LogHashes(session), size))


def publish(session: Session, blobs: Blobs) -> None:
    """Publish the tiles that the last stored checkpoint needs, then the checkpoint itself."""
    last = store.last_checkpoint(session)
    published = published_size(blobs)
    if last is None or published >= last.size:
        return
    for tile in tiles_between(published, last.size):
        blobs.publish(PUBLISHED_PREFIX + tile.path, tile_bytes(session, tile))
    failpoint("archive.publish.before")
    blobs.publish(CHECKPOINT_NAME, last.note.encode())
    failpoint("archive.publish.after")


def published_size(blobs: Blobs) -> int:
    """Size that the published checkpoint states; 0 where there is none or it can't be read."""
    try:
        note = blobs.published(CHECKPOINT_NAME).decode()
        return parse_checkpoint(parse_note(note).text).size
    except (NotFound, NoteInvalid, UnicodeDecodeError):
        return 0


def tile_bytes(session: Session, tile: Tile) -> bytes:
    """Return a tile's or entry bundle's bytes as the database has them."""
    if tile.level == ENTRIES:
        return encode_entries(store.leaf_data(session, tile.start, tile.width))
    return read_tile(store.LogHashes(session), tile)


def _seal_journal_head(session: Session, clock: Clock) -> None:
    head = journal.sequence(session)
    if head.position < 0:
        return
    stated = JournalHead(head.position, Digest(head.chain_hash))
    try:
        seal(session, clock, _OPERATOR, Sealing(Event.JOURNAL, "journal", str(head.position), journal=stated))
    except Conflict as rewritten:
        raise IntegrityBroken(
            "journal_rewritten",
            "記録簿の末尾が、原本台帳に記録された内容と一致しません。",
            "The journal's head differs from what the log committed to.",
            f"position {head.position}",
        ) from rewritten
