"""SQL of sessions and of what was confirmed in them."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from cectrust.identity.model import Confirmation, SessionTimes
from cectrust.identity.tables import confirmations, sessions
from cectrust.sdk.protocols import Instant


def insert_session(session: Session, token_hash: str, account_id: str, times: SessionTimes) -> None:
    session.execute(
        insert(sessions).values(
            token_hash=token_hash,
            account_id=account_id,
            created_at=times.created_at,
            seen_at=times.seen_at,
            opened_at=times.opened_at,
        )
    )


def open_session(session: Session, token_hash: str) -> tuple[str, SessionTimes] | None:
    """Account and times of a session that nobody has ended."""
    query = select(sessions).where(sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None))
    row = session.execute(query).first()
    if row is None:
        return None
    return row.account_id, SessionTimes(Instant(row.created_at), Instant(row.seen_at), row.opened_at)


def touch_session(session: Session, token_hash: str, at: Instant) -> None:
    session.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=at))


def end_session(session: Session, token_hash: str, at: Instant, reason: str) -> bool:
    """``False`` if it had ended already: of two that follow it, one gets ``True``."""
    ended = update(sessions).where(sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None))
    return bool(session.execute(ended.values(ended_at=at, end_reason=reason)).rowcount)  # type: ignore[attr-defined]


def end_sessions_of(session: Session, account_id: str, at: Instant, reason: str) -> None:
    ended = update(sessions).where(sessions.c.account_id == account_id, sessions.c.ended_at.is_(None))
    session.execute(ended.values(ended_at=at, end_reason=reason))


def forget_sessions(session: Session, before: Instant) -> None:
    """Delete sessions, and what was confirmed in them, that no longer mean anything."""
    session.execute(delete(sessions).where(sessions.c.created_at < before))
    session.execute(delete(confirmations).where(confirmations.c.asked_at < before))


def insert_confirmation(session: Session, token_hash: str, asked: Confirmation, at: Instant) -> None:
    session.execute(
        insert(confirmations).values(
            id=asked.id,
            session=token_hash,
            account_id=asked.account_id,
            act=asked.act,
            subject=asked.subject,
            about=asked.about,
            asked_at=at,
        )
    )


def confirmation_of(session: Session, token_hash: str, confirmation_id: str) -> Confirmation | None:
    """What was asked in this session under this id."""
    query = select(confirmations).where(confirmations.c.id == confirmation_id, confirmations.c.session == token_hash)
    row = session.execute(query).first()
    if row is None:
        return None
    return Confirmation(row.id, row.account_id, row.act, row.subject, row.about, row.confirmed_at)


def confirm(session: Session, confirmation_id: str, at: Instant) -> None:
    session.execute(update(confirmations).where(confirmations.c.id == confirmation_id).values(confirmed_at=at))


def is_confirmed(session: Session, token_hash: str, act: str, subject: str, since: Instant) -> bool:
    """Whether this act on this subject was confirmed in this session after ``since``."""
    query = select(confirmations.c.id).where(
        confirmations.c.session == token_hash,
        confirmations.c.act == act,
        confirmations.c.subject == subject,
        confirmations.c.confirmed_at > since,
    )
    return session.execute(query).first() is not None


def move_confirmations(session: Session, old_hash: str, new_hash: str) -> None:
    """The session has got a new id; what was confirmed in it still is."""
    session.execute(update(confirmations).where(confirmations.c.session == old_hash).values(session=new_hash))
