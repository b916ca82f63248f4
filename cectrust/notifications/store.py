"""The only SQL of notifications."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.orm import Session

from cectrust.notifications.model import DeliveryState, Notification
from cectrust.notifications.tables import notifications as table
from cectrust.sdk.protocols import Instant, Message

COLLECTOR_LOCK = 0x6D61696C
"""PostgreSQL advisory lock: one worker at a time turns acts into notifications."""


def lock_collector(session: Session) -> None:
    """Held to the end of the transaction. SQLite's ``BEGIN IMMEDIATE`` already excludes a second one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": COLLECTOR_LOCK})


def insert_notification(session: Session, new: Notification, at: Instant) -> None:
    session.execute(
        insert(table).values(
            id=new.id,
            act_id=new.act_id,
            subject_id=new.subject_id,
            notifier=new.notifier,
            account_id=new.account_id,
            message_id=new.message.message_id,
            address=new.message.to,
            subject=new.message.subject,
            body=new.message.body,
            state=new.state.value,
            attempts=new.attempts,
            due_at=new.due_at,
            created_at=at,
            ended_at=None,
            failure=new.failure,
        )
    )


def due(session: Session, now: Instant, limit: int) -> list[Notification]:
    """Pending ones whose time has come, the longest waiting first."""
    query = select(table).where(table.c.state == DeliveryState.PENDING.value, table.c.due_at <= now)
    return [_notification(row) for row in session.execute(query.order_by(table.c.due_at, table.c.id).limit(limit))]


def take(session: Session, found: Notification, until: Instant) -> bool:
    """Reserve for one worker and count the attempt; ``False`` if another worker was first."""
    taken = session.execute(
        update(table)
        .where(table.c.id == found.id, table.c.attempts == found.attempts, table.c.due_at == found.due_at)
        .where(table.c.state == DeliveryState.PENDING.value)
        .values(attempts=found.attempts + 1, due_at=until)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def postpone(session: Session, notification_id: str, until: Instant, failure: str) -> None:
    session.execute(update(table).where(table.c.id == notification_id).values(due_at=until, failure=failure))


def end(session: Session, notification_id: str, state: DeliveryState, at: Instant, failure: str) -> None:
    values = {"state": state.value, "ended_at": at, "failure": failure}
    session.execute(update(table).where(table.c.id == notification_id).values(**values))


def counts(session: Session) -> dict[DeliveryState, int]:
    query = select(table.c.state, func.count()).group_by(table.c.state)
    found = {DeliveryState(state): count for state, count in session.execute(query)}
    return {state: found.get(state, 0) for state in DeliveryState}


def failed(session: Session, limit: int) -> list[Notification]:
    """The given-up ones, newest first."""
    query = select(table).where(table.c.state == DeliveryState.FAILED.value).order_by(table.c.ended_at.desc())
    return [_notification(row) for row in session.execute(query.limit(limit))]


def _notification(row: Row[Any]) -> Notification:
    return Notification(
        id=row.id,
        act_id=row.act_id,
        subject_id=row.subject_id,
        notifier=row.notifier,
        account_id=row.account_id,
        message=Message(row.message_id, row.address, row.subject, row.body),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=Instant(row.due_at),
        failure=row.failure,
    )
