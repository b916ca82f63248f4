"""The register of certificates: what will be signed, and what was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from cectrust_cecsign.errors import RegisterBroken
from cectrust_cecsign.instants import to_instant
from cectrust_cecsign.model import Authority, CertificateState, IssuedCertificate, Profile, Validity
from cectrust_cecsign.tables import certificate
from cectrust_cecsign.validity import years_after

RETENTION_YEARS = 10
"""電子署名法施行規則12条: records are kept for ten years after the certificate expired (rule T6)."""


@dataclass(frozen=True)
class Intent:
    """A certificate on record before it is signed; ``tbs`` is its DER TBSCertificate."""

    serial: str
    issuer: Authority
    profile: Profile
    tbs: bytes
    der: bytes | None


def add_intent(session: Session, intent: Intent, key_sha256: str, validity: Validity, intended_at: datetime) -> None:
    """Record what is about to be signed."""
    session.execute(
        certificate.insert().values(
            serial=intent.serial,
            issuer=intent.issuer.value,
            profile=intent.profile.value,
            state=CertificateState.INTENDED.value,
            key_sha256=key_sha256,
            tbs=intent.tbs,
            not_before=to_instant(validity.not_before),
            not_after=to_instant(validity.not_after),
            retain_until=to_instant(years_after(validity.not_after, RETENTION_YEARS)),
            intended_at=to_instant(intended_at),
        )
    )


def intent(session: Session, serial: str) -> Intent:
    """The record of ``serial``, locked until the transaction ends; raises `RegisterBroken` if there is none."""
    row = session.execute(select(certificate).where(certificate.c.serial == serial).with_for_update()).one_or_none()
    if row is None:
        raise RegisterBroken(detail=f"no intent {serial}")
    return Intent(row.serial, Authority(row.issuer), Profile(row.profile), row.tbs, row.der)


def mark_issued(session: Session, serial: str, der: bytes, issued_at: datetime) -> None:
    """Put the signed certificate beside its intent."""
    session.execute(
        update(certificate)
        .where(certificate.c.serial == serial, certificate.c.der.is_(None))
        .values(state=CertificateState.ISSUED.value, der=der, issued_at=to_instant(issued_at))
    )


def serial_of_key(session: Session, key_sha256: str) -> str | None:
    """The serial under which this key was or will be certified; there is at most one."""
    return session.scalar(select(certificate.c.serial).where(certificate.c.key_sha256 == key_sha256))


def issued(session: Session, serial: str) -> IssuedCertificate | None:
    """The signed certificate with this serial, None if there is none yet."""
    row = session.execute(
        select(certificate).where(certificate.c.serial == serial, certificate.c.der.is_not(None))
    ).one_or_none()
    return None if row is None else _issued(row)


def _issued(row: Row[Any]) -> IssuedCertificate:
    return IssuedCertificate(
        serial=row.serial,
        issuer=Authority(row.issuer),
        profile=Profile(row.profile),
        der=row.der,
    )
