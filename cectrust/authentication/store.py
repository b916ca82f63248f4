"""The only SQL of authentication."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from cectrust.authentication.model import Challenge, Purpose
from cectrust.authentication.tables import challenges, recovery_codes
from cectrust.sdk.protocols import Instant


def insert_challenge(session: Session, challenge: Challenge) -> None:
    session.execute(insert(challenges).values(asdict(challenge)))


def challenge_by_id(session: Session, challenge_id: str) -> Challenge | None:
    row = session.execute(select(challenges).where(challenges.c.id == challenge_id)).mappings().first()
    if row is None:
        return None
    values: dict[str, Any] = {**row, "purpose": Purpose(row["purpose"])}
    return Challenge(**values)


def use_challenge(session: Session, challenge_id: str, at: Instant) -> bool:
    """Take the challenge, once: of two answers at the same time one gets ``True``."""
    still = (challenges.c.id == challenge_id) & challenges.c.used_at.is_(None)
    return bool(session.execute(update(challenges).where(still).values(used_at=at)).rowcount)  # type: ignore[attr-defined]


def forget_challenges(session: Session, before: Instant) -> None:
    session.execute(delete(challenges).where(challenges.c.created_at < before))


def replace_codes(session: Session, account_id: str, digests: Iterable[str], at: Instant) -> None:
    """These are the account's recovery codes from here on, and no others."""
    session.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    rows = [{"account_id": account_id, "code_sha256": each, "made_at": at} for each in digests]
    if rows:
        session.execute(insert(recovery_codes), rows)


def use_code(session: Session, account_id: str, digest: str, at: Instant) -> bool:
    """Take a recovery code, once."""
    mine = (recovery_codes.c.account_id == account_id) & (recovery_codes.c.code_sha256 == digest)
    done = session.execute(update(recovery_codes).where(mine, recovery_codes.c.used_at.is_(None)).values(used_at=at))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def codes_left(session: Session, account_id: str) -> int:
    mine = (recovery_codes.c.account_id == account_id) & recovery_codes.c.used_at.is_(None)
    return session.scalar(select(func.count()).where(mine)) or 0
