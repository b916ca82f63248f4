"""The journal's only SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.orm import Session

from cectrust.journal.model import GENESIS, Head, RecordedAct
from cectrust.journal.tables import acts, pending, positions, readers
from cectrust.sdk.protocols import Instant

SEQUENCER_LOCK = 0x6A6F7572
"""PostgreSQL advisory lock: one sequencer at a time over all processes."""


def insert_act(session: Session, act: RecordedAct) -> None:
    session.execute(
        insert(acts).values(
            id=act.id,
            at=act.at,
            actor_kind=act.actor_kind,
            actor_id=act.actor_id,
            actor_name=act.actor_name,
            act=act.act,
            subject=act.subject,
            company_ids=json.dumps(list(act.company_ids)),
            detail=json.dumps(act.detail, ensure_ascii=False, sort_keys=True),
        )
    )
    session.execute(insert(pending).values(act_id=act.id))


def lock_sequencer(session: Session) -> None:
    """Held to the end of the transaction. SQLite's ``BEGIN IMMEDIATE`` already excludes a second one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": SEQUENCER_LOCK})


def head(session: Session) -> Head:
    row = session.execute(select(positions).order_by(positions.c.position.desc()).limit(1)).first()
    return Head(row.position, row.chain_hash) if row else Head(-1, GENESIS)


def head_at(session: Session, position: int) -> Head | None:
    row = session.execute(select(positions).where(positions.c.position == position)).first()
    return Head(row.position, row.chain_hash) if row else None


def unsequenced(session: Session, limit: int) -> list[RecordedAct]:
    """Committed acts without a position, in id order; their order among themselves is free."""
    query = select(acts).join(pending, pending.c.act_id == acts.c.id).order_by(pending.c.act_id).limit(limit)
    return [_act(row) for row in session.execute(query)]


def insert_position(session: Session, position: int, act_id: str, chain_hash: str) -> None:
    session.execute(insert(positions).values(position=position, act_id=act_id, chain_hash=chain_hash))
    session.execute(delete(pending).where(pending.c.act_id == act_id))


def forgotten(session: Session) -> str | None:
    """The id of an act that has no position and waits for none; there must not be one."""
    query = (
        select(acts.c.id)
        .outerjoin(positions, positions.c.act_id == acts.c.id)
        .outerjoin(pending, pending.c.act_id == acts.c.id)
        .where(positions.c.position.is_(None), pending.c.act_id.is_(None))
    )
    return session.scalar(query.limit(1))


def since(session: Session, position: int, limit: int) -> list[tuple[int, RecordedAct]]:
    """Sequenced acts after ``position``, in order."""
    return [(head.position, act) for head, act in chained_since(session, position, limit)]


def chained_since(session: Session, position: int, limit: int) -> list[tuple[Head, RecordedAct]]:
    """Acts after ``position`` in order, each with its position and recorded hash."""
    query = (
        select(positions.c.position, positions.c.chain_hash, acts)
        .join(acts, positions.c.act_id == acts.c.id)
        .where(positions.c.position > position)
        .order_by(positions.c.position)
        .limit(limit)
    )
    return [(Head(row.position, row.chain_hash), _act(row)) for row in session.execute(query)]


def about(session: Session, subject: str) -> Sequence[RecordedAct]:
    """Acts on one subject, oldest first."""
    return [_act(r) for r in session.execute(select(acts).where(acts.c.subject == subject).order_by(acts.c.id))]


def reader_position(session: Session, name: str) -> int:
    """Last position that the reader has dealt with, -1 for a new reader; 0 is the journal's first act."""
    position = session.scalar(select(readers.c.position).where(readers.c.name == name))
    return -1 if position is None else position


def move_reader(session: Session, name: str, position: int) -> None:
    moved = session.execute(update(readers).where(readers.c.name == name).values(position=position))
    if moved.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(readers).values(name=name, position=position))


def _act(row: Row[tuple[object, ...]]) -> RecordedAct:
    return RecordedAct(
        id=row.id,
        at=Instant(row.at),
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        act=row.act,
        subject=row.subject,
        company_ids=tuple(json.loads(row.company_ids)),
        detail=json.loads(row.detail),
    )
