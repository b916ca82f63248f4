"""T7: consents asked for, given, refused and withdrawn."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from cectrust.contracts.model import Consent
from cectrust.contracts.store.rows import AnyRow
from cectrust.contracts.tables import consents
from cectrust.database.inserting import insert_new
from cectrust.sdk.protocols import Instant


def insert_request(session: Session, consent: Consent) -> bool:
    """``False`` if the partner was asked meanwhile and has not answered: one open request for each two companies."""
    values = {
        "id": consent.id,
        "asking_company_id": consent.asking_company_id,
        "asking_company_name": consent.asking_company_name,
        "partner_company_id": consent.partner_company_id,
        "partner_company_name": consent.partner_company_name,
        "means": consent.means,
        "format": consent.format,
        "asked_at": consent.asked_at,
        "asked_by": consent.asked_by,
        "given_by": "",
    }
    return insert_new(session, consents, values)


def latest(session: Session, asking_company_id: str, partner_company_id: str) -> Consent | None:
    """The newest consent between two companies in this direction, whatever became of it."""
    query = select(consents).where(
        consents.c.asking_company_id == asking_company_id, consents.c.partner_company_id == partner_company_id
    )
    row = session.execute(query.order_by(consents.c.id.desc()).limit(1)).first()
    return _consent(row) if row else None


def by_id(session: Session, company_id: str, consent_id: str) -> Consent | None:
    """A consent that ``company_id`` asked for or was asked for."""
    row = session.execute(select(consents).where(consents.c.id == consent_id, _touches(company_id))).first()
    return _consent(row) if row else None


def of_company(session: Session, company_id: str) -> list[Consent]:
    """All that a company asked for or was asked for, newest first."""
    query = select(consents).where(_touches(company_id)).order_by(consents.c.id.desc())
    return [_consent(row) for row in session.execute(query)]


def answer(session: Session, consent: Consent) -> bool:
    """Write what became of a consent; ``False`` if somebody else answered meanwhile."""
    before = (consents.c.withdrawn_at if consent.withdrawn_at else consents.c.given_at).is_(None)
    changed = session.execute(
        update(consents)
        .where(consents.c.id == consent.id, consents.c.refused_at.is_(None), before)
        .values(
            given_at=consent.given_at,
            given_by=consent.given_by,
            refused_at=consent.refused_at,
            withdrawn_at=consent.withdrawn_at,
        )
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _touches(company_id: str) -> ColumnElement[bool]:
    return or_(consents.c.asking_company_id == company_id, consents.c.partner_company_id == company_id)


def _consent(row: AnyRow) -> Consent:
    return Consent(
        id=row.id,
        asking_company_id=row.asking_company_id,
        asking_company_name=row.asking_company_name,
        partner_company_id=row.partner_company_id,
        partner_company_name=row.partner_company_name,
        means=row.means,
        format=row.format,
        asked_at=Instant(row.asked_at),
        asked_by=row.asked_by,
        given_at=row.given_at,
        given_by=row.given_by,
        refused_at=row.refused_at,
        withdrawn_at=row.withdrawn_at,
    )
