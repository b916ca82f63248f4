"""Which kinds of certificate two companies have agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from cectrust.contracts.tables import agreements
from cectrust.sdk.protocols import Instant


def kinds(session: Session, one: str, other: str) -> tuple[str, ...]:
    """Codes agreed between two companies, sorted; empty where nothing was agreed yet."""
    low, high = sorted((one, other))
    query = select(agreements.c.kind).where(agreements.c.company_id == low, agreements.c.partner_id == high)
    return tuple(sorted(session.scalars(query)))


def record(session: Session, one: str, other: str, agreed: Sequence[str], at: Instant) -> None:
    """Replace what two companies have agreed on."""
    low, high = sorted((one, other))
    session.execute(delete(agreements).where(agreements.c.company_id == low, agreements.c.partner_id == high))
    if agreed:
        values = [{"company_id": low, "partner_id": high, "kind": kind, "agreed_at": at} for kind in agreed]
        session.execute(insert(agreements), values)
