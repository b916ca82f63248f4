"""SQL about registered bridges and the codes by which they are registered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Instant
from cectrust.signing.bridge_model import PairingCode, RegisteredBridge
from cectrust.signing.tables import bridges, codes

AnyRow = Row[tuple[Any, ...]]


def register(session: Session, bridge: RegisteredBridge) -> None:
    """Insert the registration; one that this bridge had for the same user ID, removed or not, is replaced."""
    values: Mapping[str, Any] = {
        "jwk": json.dumps(bridge.jwk, sort_keys=True),
        "registration": bridge.registration,
        "name": bridge.name,
        "system": bridge.system,
        "code_id": bridge.code_id,
        "registered_at": bridge.registered_at,
        "last_used_at": None,
        "removed_at": None,
    }
    mine = (bridges.c.bridge_id == bridge.bridge_id) & (bridges.c.account_id == bridge.account_id)
    if not session.execute(update(bridges).where(mine).values(values)).rowcount:  # type: ignore[attr-defined]
        session.execute(insert(bridges).values(bridge_id=bridge.bridge_id, account_id=bridge.account_id, **values))


def bridges_of(session: Session, account_id: str) -> list[RegisteredBridge]:
    """Those of a user ID that were not removed, the newest first."""
    query = _registered().where(bridges.c.account_id == account_id).order_by(bridges.c.registered_at.desc())
    return [_bridge(row) for row in session.execute(query)]


def registrations_of(session: Session, bridge_id: str) -> list[RegisteredBridge]:
    """All of one bridge: a shared computer's serves several user IDs."""
    return [_bridge(row) for row in session.execute(_registered().where(bridges.c.bridge_id == bridge_id))]


def remove(session: Session, bridge: RegisteredBridge, at: Instant) -> bool:
    """``False`` if it was removed or replaced meanwhile."""
    mine = (bridges.c.registration == bridge.registration) & bridges.c.removed_at.is_(None)
    return bool(session.execute(update(bridges).where(mine).values(removed_at=at)).rowcount)  # type: ignore[attr-defined]


def used(session: Session, account_id: str, bridge_id: str, at: Instant) -> None:
    mine = (bridges.c.bridge_id == bridge_id) & (bridges.c.account_id == account_id)
    session.execute(update(bridges).where(mine).values(last_used_at=at))


def insert_code(session: Session, code: PairingCode, stored_name: str) -> None:
    session.execute(
        insert(codes).values(
            id=code.id,
            account_id=code.account_id,
            stored_name=stored_name,
            sealed=code.sealed,
            created_at=code.created_at,
            expires_at=code.expires_at,
        )
    )


def codes_since(session: Session, account_id: str, since: Instant) -> int:
    """How many were made for a user ID."""
    query = select(func.count()).where(codes.c.account_id == account_id, codes.c.created_at > since)
    return session.scalar(query) or 0


def cancel_codes(session: Session, account_id: str, at: Instant) -> None:
    """Whatever is open for a user ID no longer is."""
    still = (codes.c.account_id == account_id) & codes.c.used_at.is_(None) & codes.c.cancelled_at.is_(None)
    session.execute(update(codes).where(still).values(cancelled_at=at))


def code_by_stored_name(session: Session, stored_name: str) -> PairingCode | None:
    row = session.execute(select(codes).where(codes.c.stored_name == stored_name)).first()
    return _code(row) if row else None


def code_of(session: Session, account_id: str, code_id: str) -> PairingCode | None:
    row = session.execute(select(codes).where(codes.c.id == code_id, codes.c.account_id == account_id)).first()
    return _code(row) if row else None


def use_code(session: Session, code_id: str, bridge_id: str, at: Instant) -> bool:
    """Take the code, once: of two at the same time one gets ``True``."""
    still = (codes.c.id == code_id) & codes.c.used_at.is_(None) & codes.c.cancelled_at.is_(None)
    done = session.execute(update(codes).where(still, codes.c.expires_at > at).values(used_at=at, bridge_id=bridge_id))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _registered() -> Any:
    joined = bridges.outerjoin(codes, bridges.c.code_id == codes.c.id)
    columns = (*bridges.c, codes.c.created_at.label("code_made_at"))
    return select(*columns).select_from(joined).where(bridges.c.removed_at.is_(None))


def _bridge(row: AnyRow) -> RegisteredBridge:
    return RegisteredBridge(
        bridge_id=row.bridge_id,
        account_id=row.account_id,
        jwk=json.loads(row.jwk),
        registration=row.registration,
        name=row.name,
        system=row.system,
        registered_at=Instant(row.registered_at),
        last_used_at=row.last_used_at,
        code_id=row.code_id,
        code_made_at=row.code_made_at,
    )


def _code(row: AnyRow) -> PairingCode:
    return PairingCode(
        id=row.id,
        account_id=row.account_id,
        sealed=row.sealed,
        created_at=Instant(row.created_at),
        expires_at=Instant(row.expires_at),
        used_at=row.used_at,
        cancelled_at=row.cancelled_at,
        bridge_id=row.bridge_id,
    )
