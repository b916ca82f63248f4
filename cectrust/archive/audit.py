"""The oracle: recompute the whole log and compare database, store and every head that was handed out.

Read-only. Nothing stored is believed: leaves are recomputed from entries, roots from leaves, files from
their bytes. What does not agree becomes a finding and the audit goes on, so that one report names all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cectrust.archive import store
from cectrust.archive.model import StoredCheckpoint
from cectrust.archive.receipt import TimestampVerifier
from cectrust.archive.sequencer import CHECKPOINT_NAME, PUBLISHED_PREFIX, tile_bytes
from cectrust.archive.store import LeafRow
from cectrust.blobs.service import Blobs
from cectrust.journal import service as journal
from cectrust.sdk.errors import CectrustError, NotFound
from cectrust.tlog import TILE_HEIGHT, Frontier, NoteVerifier, Tile, leaf_hash, open_checkpoint, tiles_between


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement. `code` is stable, `place` names the leaf, head, blob or file."""

    code: str
    ja: str
    place: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was compared, in numbers, and what did not agree; no findings means all is well."""

    leaves: int
    checkpoints: int
    files: int
    findings: tuple[Finding, ...]


@dataclass
class Audit:
    """One audit of one database and store. `verify_timestamp` of None leaves TSA tokens unjudged."""

    session: Session
    blobs: Blobs
    log_key: NoteVerifier
    verify_timestamp: TimestampVerifier | None = None

    def run(self) -> AuditReport:
        """Compare everything; takes as long as reading every original once."""
        self._leaves = self._checkpoints = self._files = 0
        parts = (self._log_findings(), self._file_findings(), self._published_findings())
        findings = tuple(finding for part in parts for finding in _guarded(part))
        return AuditReport(self._leaves, self._checkpoints, self._files, findings)

    def _log_findings(self) -> Iterator[Finding]:
        frontier = Frontier()
        heads = store.walk_checkpoints(self.session)
        head = next(heads, None)
        for leaf in store.walk_leaves(self.session):
            self._leaves += 1
            yield from self._leaf_findings(leaf, frontier)
            while head is not None and head.size <= frontier.size:
                yield from self._head_findings(head, frontier)
                self._checkpoints, head = self._checkpoints + 1, next(heads, None)
        for missing in [] if head is None else [head, *heads]:
            yield Finding(
                "log_shrank", "発行済みのチェックポイントより台帳が短くなっています。", f"size {missing.size}"
            )
        if entry_id := store.forgotten(self.session):
            yield Finding("entry_forgotten", "保管記録が台帳になく、載る予定もありません。", entry_id)

    def _leaf_findings(self, leaf: LeafRow, frontier: Frontier) -> Iterator[Finding]:
        place, computed = f"leaf {leaf.index}", leaf.entry.entry.leaf_data
        if leaf.index != frontier.size:
            yield Finding("leaf_missing", "台帳に欠番があります。", place)
        if not computed.hex() == leaf.leaf_data == leaf.entry.leaf_data:
            yield Finding("leaf_altered", "保管記録が台帳と一致しません。", place)
        yield from self._journal_findings(leaf, place)
        for height, root in frontier.append_hash(leaf_hash(computed)):
            level, rest = divmod(height, TILE_HEIGHT)
            index = (frontier.size >> height) - 1
            if rest == 0 and store.node(self.session, level, index) != root:
                yield Finding("node_altered", "台帳の中間値が再計算と一致しません。", f"level {level} index {index}")

    def _journal_findings(self, leaf: LeafRow, place: str) -> Iterator[Finding]:
        stated = leaf.entry.entry.journal
        if stated is None:
            return
        head = journal.head_at(self.session, stated.position)
        if head is None or head.chain_hash != stated.chain_hash:
            yield Finding("journal_rewritten", "記録簿が台帳に記録された内容と一致しません。", place)

    def _head_findings(self, head: StoredCheckpoint, frontier: Frontier) -> Iterator[Finding]:
        place = f"checkpoint {head.size}"
        if head.size != frontier.size or head.root != frontier.root:
            yield Finding("head_differs", "台帳が、発行済みのチェックポイントと一致しません。", place)
        try:
            checkpoint = open_checkpoint(head.note, [self.log_key])
            if (checkpoint.size, checkpoint.root) != (head.size, head.root):
                yield Finding("note_differs", "チェックポイントの記録が署名の内容と一致しません。", place)
            if self.verify_timestamp is not None:
                self.verify_timestamp(head.timestamp, head.note.encode())
        except CectrustError as error:
            yield Finding(error.code, error.ja, place)

    def _file_findings(self) -> Iterator[Finding]:
        for entry_id, entry in store.walk_entries(self.session):
            kept = store.files_of(self.session, entry_id)
            stated = [(file.sha256, file.size) for file in entry.files]
            if [(key.digest, size) for key, size in kept] != stated:
                yield Finding("files_altered", "保管ファイルの一覧が保管記録と一致しません。", entry_id)
            for key, size in kept:
                self._files += 1
                try:
                    if self.blobs.verify(key) != size:
                        yield Finding("file_size", "原本の大きさが記録と一致しません。", key.digest)
                except CectrustError as error:
                    yield Finding(error.code, error.ja, key.digest)

    def _published_findings(self) -> Iterator[Finding]:
        try:
            note = self.blobs.published(CHECKPOINT_NAME).decode(errors="replace")
            checkpoint = open_checkpoint(note, [self.log_key])
            stored = store.checkpoint_of_size(self.session, checkpoint.size)
        except NotFound:
            return
        except CectrustError as error:
            yield Finding(error.code, error.ja, CHECKPOINT_NAME)
            return
        if stored is None or stored.root != checkpoint.root:
            yield Finding("published_unknown", "公開中のチェックポイントが記録にありません。", CHECKPOINT_NAME)
            return
        for tile in tiles_between(0, checkpoint.size):
            if not self._tile_agrees(tile):
                yield Finding("tile_differs", "公開中の台帳が記録と一致しません。", tile.path)

    def _tile_agrees(self, tile: Tile) -> bool:
        try:
            published = self.blobs.published(PUBLISHED_PREFIX + tile.path)
            return published == tile_bytes(self.session, tile)
        except CectrustError:
            return False


def _guarded(part: Iterator[Finding]) -> Iterator[Finding]:
    """A row that can't even be read is a finding too, and the other parts still run."""
    try:
        yield from part
    except CectrustError as error:
        yield Finding(error.code, error.ja, error.detail)
