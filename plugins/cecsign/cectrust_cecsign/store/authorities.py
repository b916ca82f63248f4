"""Rows of the authorities and of the OCSP responders: which key is whose, and which certificate it has."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cectrust_cecsign.errors import NotInitialised
from cectrust_cecsign.instants import to_instant
from cectrust_cecsign.model import Authority, CertificateState
from cectrust_cecsign.tables import authority, certificate, responder


def ensure(session: Session, name: Authority, key_id: str) -> str:
    """The CKA_ID planned for this authority's key; ``key_id`` if none was planned yet."""
    planned = session.scalar(select(authority.c.key_id).where(authority.c.name == name.value))
    if planned is None:
        session.execute(authority.insert().values(name=name.value, key_id=key_id, crl_number=0))
    return planned or key_id


def key_id(session: Session, name: Authority) -> bytes:
    """CKA_ID of the authority's key; raises `NotInitialised`."""
    found = session.scalar(select(authority.c.key_id).where(authority.c.name == name.value))
    if found is None:
        raise NotInitialised(detail=name.value)
    return bytes.fromhex(found)


def serial(session: Session, name: Authority) -> str | None:
    """Serial of the authority's own certificate, intended or issued."""
    return session.scalar(select(authority.c.serial).where(authority.c.name == name.value))


def set_serial(session: Session, name: Authority, certificate_serial: str) -> None:
    """Say which certificate is the authority's own."""
    session.execute(update(authority).where(authority.c.name == name.value).values(serial=certificate_serial))


def certificate_of(session: Session, name: Authority) -> bytes:
    """DER of the authority's own certificate; raises `NotInitialised` while it is not signed."""
    der: bytes | None = session.scalar(
        select(certificate.c.der)
        .join(authority, authority.c.serial == certificate.c.serial)
        .where(authority.c.name == name.value)
    )
    if der is None:
        raise NotInitialised(detail=name.value)
    return der


def next_crl_number(session: Session, name: Authority) -> int:
    """Count one up; the row stays locked, so that no number is used twice."""
    session.execute(select(authority.c.name).where(authority.c.name == name.value).with_for_update())
    session.execute(
        update(authority).where(authority.c.name == name.value).values(crl_number=authority.c.crl_number + 1)
    )
    return int(session.scalars(select(authority.c.crl_number).where(authority.c.name == name.value)).one())


def plan_responder(session: Session, new_key_id: str, planned_at: datetime) -> str:
    """CKA_ID of a responder key that has no certificate yet: an unfinished one, or ``new_key_id``."""
    unfinished = session.scalar(
        select(responder.c.key_id)
        .outerjoin(certificate, certificate.c.serial == responder.c.serial)
        .where(func.coalesce(certificate.c.state, "") != CertificateState.ISSUED.value)
    )
    if unfinished is None:
        session.execute(responder.insert().values(key_id=new_key_id, planned_at=to_instant(planned_at)))
    return unfinished or new_key_id


def responder_serial(session: Session, responder_key_id: str) -> str | None:
    """Serial of the certificate intended for this responder key."""
    return session.scalar(select(responder.c.serial).where(responder.c.key_id == responder_key_id))


def set_responder_serial(session: Session, responder_key_id: str, certificate_serial: str) -> None:
    """Say which certificate this responder key has."""
    session.execute(update(responder).where(responder.c.key_id == responder_key_id).values(serial=certificate_serial))


def newest_responder(session: Session) -> tuple[bytes, bytes, int] | None:
    """CKA_ID, DER certificate and its notAfter (instant) of the responder certified last."""
    row = session.execute(
        select(responder.c.key_id, certificate.c.der, certificate.c.not_after)
        .join(certificate, certificate.c.serial == responder.c.serial)
        .where(certificate.c.der.is_not(None))
        .order_by(certificate.c.not_after.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (bytes.fromhex(row.key_id), row.der, row.not_after)
