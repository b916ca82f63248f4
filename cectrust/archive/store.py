"""The archive's only SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cectrust.archive.model import Assurance, Entry, KeptFile, StoredCheckpoint
from cectrust.archive.parsing import parse_canonical, parse_entry
from cectrust.archive.tables import checkpoints, entries, files, leaves, nodes, pending
from cectrust.sdk.protocols import BlobArea, BlobKey, Digest, Instant
from cectrust.tlog import TreeRangeInvalid, leaf_hash

LOG_LOCK = 0x746C6F67
"""PostgreSQL advisory lock: one sequencer at a time over all processes."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry beside what the database says of it: id, company, the leaf data stored with it (hex)."""

    id: str
    company_id: str
    entry: Entry
    leaf_data: str


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A leaf: its place in the log, the data it holds (hex), the entry that it stands for."""

    index: int
    leaf_data: str
    entry: EntryRow


class LogHashes:
    """The log in the database as a `cectrust.tlog.HashReader`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See `HashReader.hashes`."""
        if level == 0:
            return [leaf_hash(data) for data in leaf_data(self._session, start, count)]
        query = select(nodes.c.hash).where(nodes.c.level == level, nodes.c.index >= start)
        query = query.where(nodes.c.index < start + count).order_by(nodes.c.index)
        return _exactly(count, [bytes.fromhex(value) for value in self._session.scalars(query)])


def lock_log(session: Session) -> None:
    """Held to the end of the transaction. SQLite's ``BEGIN IMMEDIATE`` already excludes a second one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOG_LOCK})


def insert_entry(session: Session, entry_id: str, company_id: str, entry: Entry, at: Instant, identity: str) -> None:
    session.execute(
        insert(entries).values(
            id=entry_id,
            company_id=company_id,
            event=entry.event.value,
            ledger=entry.ledger,
            number=entry.number,
            at=at,
            content=entry.canonical.decode(),
            leaf_data=entry.leaf_data.hex(),
            identity=identity,
        )
    )
    session.execute(insert(pending).values(entry_id=entry_id))


def insert_files(session: Session, entry_id: str, kept: Sequence[KeptFile]) -> None:
    rows = [
        {"entry_id": entry_id, "ordinal": n, "owner": f.key.owner, "sha256": f.key.digest, "size": f.size}
        for n, f in enumerate(kept)
    ]
    if rows:
        session.execute(insert(files), rows)


def entry_with_identity(session: Session, identity: str) -> EntryRow | None:
    row = session.execute(select(entries).where(entries.c.identity == identity)).first()
    return _entry_row(row) if row else None


def files_of(session: Session, entry_id: str) -> list[tuple[BlobKey, int]]:
    """Address and size of an entry's files, in its order."""
    query = select(files).where(files.c.entry_id == entry_id).order_by(files.c.ordinal)
    return [(BlobKey(BlobArea.ORIGINALS, row.owner, Digest(row.sha256)), row.size) for row in session.execute(query)]


def unsequenced(session: Session, limit: int) -> list[EntryRow]:
    """Committed entries without a leaf, in id order; their order among themselves is free."""
    query = select(entries).join(pending, pending.c.entry_id == entries.c.id).order_by(pending.c.entry_id)
    return [_entry_row(row) for row in session.execute(query.limit(limit))]


def forgotten(session: Session) -> str | None:
    """The id of an entry that has no leaf and waits for none; there must not be one."""
    query = (
        select(entries.c.id)
        .outerjoin(leaves, leaves.c.entry_id == entries.c.id)
        .outerjoin(pending, pending.c.entry_id == entries.c.id)
        .where(leaves.c.index.is_(None), pending.c.entry_id.is_(None))
    )
    return session.scalar(query.limit(1))


def log_size(session: Session) -> int:
    """Number of leaves. Indexes are given without gaps, so the last one tells."""
    last = session.scalar(select(func.max(leaves.c.index)))
    return 0 if last is None else last + 1


def insert_leaves(session: Session, start: int, rows: Sequence[EntryRow]) -> None:
    """Append entries to the log from index `start` on."""
    values = [{"index": index, "entry_id": row.id, "leaf_data": row.leaf_data} for index, row in enumerate(rows, start)]
    if values:
        session.execute(insert(leaves), values)
        session.execute(delete(pending).where(pending.c.entry_id.in_([row.id for row in rows])))


def insert_node(session: Session, level: int, index: int, value: bytes) -> None:
    session.execute(insert(nodes).values(level=level, index=index, hash=value.hex()))


def node(session: Session, level: int, index: int) -> bytes | None:
    query = select(nodes.c.hash).where(nodes.c.level == level, nodes.c.index == index)
    found = session.scalar(query)
    return bytes.fromhex(found) if found else None


def leaf_data(session: Session, start: int, count: int) -> Sequence[bytes]:
    """The 32-byte data of exactly `count` leaves from index `start`."""
    query = select(leaves.c.leaf_data).where(leaves.c.index >= start, leaves.c.index < start + count)
    return _exactly(count, [bytes.fromhex(data) for data in session.scalars(query.order_by(leaves.c.index))])


def index_of(session: Session, entry_id: str) -> int | None:
    return session.scalar(select(leaves.c.index).where(leaves.c.entry_id == entry_id))


def walk_leaves(session: Session, batch: int = 1000) -> Iterator[LeafRow]:
    """Every leaf with its entry, in order, read in batches."""
    after = -1
    while True:
        query = select(leaves.c.index.label("place"), leaves.c.leaf_data.label("leaf"), entries)
        query = query.join(entries, entries.c.id == leaves.c.entry_id).where(leaves.c.index > after)
        rows = session.execute(query.order_by(leaves.c.index).limit(batch)).all()
        if not rows:
            return
        for row in rows:
            yield LeafRow(row.place, row.leaf, _entry_row(row))
            after = row.place


def walk_entries(session: Session, batch: int = 1000) -> Iterator[tuple[str, Entry]]:
    """Every entry, sequenced or not, by id, read in batches."""
    after = ""
    while True:
        query = select(entries).where(entries.c.id > after).order_by(entries.c.id).limit(batch)
        rows = [_entry_row(row) for row in session.execute(query)]
        if not rows:
            return
        yield from ((row.id, row.entry) for row in rows)
        after = rows[-1].id


def insert_checkpoint(session: Session, stored: StoredCheckpoint, at: Instant) -> bool:
    """Store a head unless one of its size is there already: the compare-and-swap of the log."""
    try:
        with session.begin_nested():
            session.execute(
                insert(checkpoints).values(
                    size=stored.size,
                    root=stored.root.hex(),
                    note=stored.note,
                    timestamp=stored.timestamp,
                    assurance=stored.assurance.value,
                    at=at,
                )
            )
    except IntegrityError:
        return False
    return True


def last_checkpoint(session: Session) -> StoredCheckpoint | None:
    row = session.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    return _checkpoint(row) if row else None


def checkpoint_of_size(session: Session, size: int) -> StoredCheckpoint | None:
    row = session.execute(select(checkpoints).where(checkpoints.c.size == size)).first()
    return _checkpoint(row) if row else None


def first_checkpoint_covering(session: Session, index: int) -> StoredCheckpoint | None:
    """The smallest head whose tree holds leaf `index`: so a receipt is the same however late it is asked for."""
    query = select(checkpoints).where(checkpoints.c.size > index).order_by(checkpoints.c.size).limit(1)
    row = session.execute(query).first()
    return _checkpoint(row) if row else None


def walk_checkpoints(session: Session, batch: int = 1000) -> Iterator[StoredCheckpoint]:
    """Every head handed out, in order of size, read in batches."""
    after = -1
    while True:
        query = select(checkpoints).where(checkpoints.c.size > after).order_by(checkpoints.c.size)
        rows = session.execute(query.limit(batch)).all()
        if not rows:
            return
        for row in rows:
            yield _checkpoint(row)
            after = row.size


def _entry_row(row: Row[Any]) -> EntryRow:
    entry = parse_entry(parse_canonical(row.content.encode()))
    return EntryRow(row.id, row.company_id, entry, row.leaf_data)


def _checkpoint(row: Row[Any]) -> StoredCheckpoint:
    return StoredCheckpoint(
        size=row.size,
        root=bytes.fromhex(row.root),
        note=row.note,
        timestamp=row.timestamp,
        assurance=Assurance(row.assurance),
    )


def _exactly(count: int, found: Sequence[bytes]) -> Sequence[bytes]:
    if len(found) != count:
        raise TreeRangeInvalid(f"the database holds {len(found)} of {count} hashes")
    return found
