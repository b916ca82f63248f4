"""Which kinds of certificate two companies have agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from cectrust.contracts.tables import agreements
from cectrust.sdk.protocols import Instant


def of_company(session: Session, company_id: str) -> dict[str, tuple[str, ...]]:
    """By partner the codes that a company has agreed on with it, sorted; without those where nothing was agreed."""
    mine = or_(agreements.c.company_id == company_id, agreements.c.partner_id == company_id)
    found: dict[str, tuple[str, ...]] = {}
    for row in session.execute(select(agreements).where(mine).order_by(agreements.c.kind)):
        partner = row.partner_id if row.company_id == company_id else row.company_id
        found[partner] = (*found.get(partner, ()), row.kind)
    return found


def record(session: Session, one: str, other: str, agreed: Sequence[str], at: Instant) -> None:
    """Replace what two companies have agreed on."""
    low, high = sorted((one, other))
    session.execute(delete(agreements).where(agreements.c.company_id == low, agreements.c.partner_id == high))
    if agreed:
        values = [{"company_id": low, "partner_id": high, "kind": kind, "agreed_at": at} for kind in agreed]
        session.execute(insert(agreements), values)
