"""Revocations, CRLs and pre-signed OCSP responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from cectrust_cecsign.instants import to_datetime, to_instant
from cectrust_cecsign.model import Authority, Profile, Reason, Revocation
from cectrust_cecsign.tables import certificate, crl, ocsp, revocation


@dataclass(frozen=True)
class StoredCrl:
    """A CRL as published: DER, its number, how many entries, and its two times as instants."""

    issuer: Authority
    number: int
    der: bytes
    entries: int
    this_update: int
    next_update: int


@dataclass(frozen=True)
class StoredResponse:
    """A pre-signed OCSP response: DER, what it says, and its two times as instants."""

    der: bytes
    revoked: bool
    this_update: int
    next_update: int


def add_revocation(session: Session, entry: Revocation) -> None:
    """Record a revocation; it is never changed or deleted."""
    session.execute(
        revocation.insert().values(
            serial=entry.serial,
            reason=entry.reason.value,
            requester=entry.requester,
            evidence=entry.evidence,
            revoked_at=to_instant(entry.revoked_at),
        )
    )


def revocation_of(session: Session, serial: str) -> Revocation | None:
    """The revocation of this certificate, if it was revoked."""
    found = _revocations(session, revocation.c.serial == serial)
    return found[0] if found else None


def revocations_by(session: Session, issuer: Authority) -> list[Revocation]:
    """Every revocation of certificates that ``issuer`` issued, in order of time."""
    return _revocations(session, certificate.c.issuer == issuer.value)


def count_revocations(session: Session, issuer: Authority) -> int:
    """How many entries the next CRL of ``issuer`` will have."""
    statement = (
        select(func.count()).select_from(revocation).join(certificate).where(certificate.c.issuer == issuer.value)
    )
    return int(session.scalars(statement).one())


def _revocations(session: Session, condition: ColumnElement[bool]) -> list[Revocation]:
    rows = session.execute(
        select(revocation).join(certificate).where(condition).order_by(revocation.c.revoked_at, revocation.c.serial)
    )
    return [
        Revocation(row.serial, Reason(row.reason), row.requester, row.evidence, to_datetime(row.revoked_at))
        for row in rows
    ]


def add_crl(session: Session, stored: StoredCrl) -> None:
    """Publish a CRL: the one with the highest number is served."""
    session.execute(
        crl.insert().values(
            issuer=stored.issuer.value,
            number=stored.number,
            der=stored.der,
            entries=stored.entries,
            this_update=stored.this_update,
            next_update=stored.next_update,
        )
    )


def newest_crl(session: Session, issuer: Authority) -> StoredCrl | None:
    """The CRL in force."""
    row = session.execute(
        select(crl).where(crl.c.issuer == issuer.value).order_by(crl.c.number.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return StoredCrl(Authority(row.issuer), row.number, row.der, row.entries, row.this_update, row.next_update)


def put_response(session: Session, serial: str, hash_algorithm: str, stored: StoredResponse) -> None:
    """Replace the pre-signed response for this certificate and CertID hash."""
    session.execute(delete(ocsp).where(ocsp.c.serial == serial, ocsp.c.hash_algorithm == hash_algorithm))
    session.execute(
        ocsp.insert().values(
            serial=serial,
            hash_algorithm=hash_algorithm,
            revoked=int(stored.revoked),
            der=stored.der,
            this_update=stored.this_update,
            next_update=stored.next_update,
        )
    )


def response(session: Session, serial: str, hash_algorithm: str) -> StoredResponse | None:
    """The pre-signed response, if the certificate is one of ours."""
    row = session.execute(
        select(ocsp).where(ocsp.c.serial == serial, ocsp.c.hash_algorithm == hash_algorithm)
    ).one_or_none()
    return None if row is None else StoredResponse(row.der, bool(row.revoked), row.this_update, row.next_update)


def due_for_response(session: Session, fresh_until: datetime, alive_at: datetime) -> Sequence[str]:
    """Serials of subscriber certificates alive at ``alive_at`` that lack a response good until ``fresh_until``,
    or whose response says something else than the register."""
    good = (
        select(ocsp.c.serial)
        .outerjoin(revocation, revocation.c.serial == ocsp.c.serial)
        .where(ocsp.c.next_update > to_instant(fresh_until))
        .where((ocsp.c.revoked == 1) == revocation.c.serial.is_not(None))
        .group_by(ocsp.c.serial)
        .having(func.count() == 2)
    )
    statement = (
        select(certificate.c.serial)
        .where(certificate.c.profile == Profile.SUBSCRIBER.value, certificate.c.der.is_not(None))
        .where(certificate.c.not_after >= to_instant(alive_at), certificate.c.serial.not_in(good))
        .order_by(certificate.c.serial)
    )
    return session.scalars(statement).all()
