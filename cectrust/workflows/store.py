"""The heartbeats' only SQL; the workflows' own tables belong to DBOS."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Instant
from cectrust.workflows.tables import heartbeats


def beat(session: Session, executor_id: str, now: Instant) -> None:
    known = session.execute(update(heartbeats).where(heartbeats.c.executor_id == executor_id).values(at=now))
    if known.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(heartbeats).values(executor_id=executor_id, at=now))


def forget(session: Session, executor_id: str) -> None:
    session.execute(delete(heartbeats).where(heartbeats.c.executor_id == executor_id))


def alive(session: Session, since: Instant) -> frozenset[str]:
    """Executors that were seen at ``since`` or later."""
    return frozenset(session.scalars(select(heartbeats.c.executor_id).where(heartbeats.c.at >= since)))
