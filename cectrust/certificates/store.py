"""The only SQL of certificates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.orm import Session

from cectrust.certificates.model import Binding, CertificateFacts
from cectrust.certificates.tables import bindings
from cectrust.sdk.protocols import Instant


def insert_binding(session: Session, binding: Binding, facts: CertificateFacts, at: Instant) -> None:
    session.execute(
        insert(bindings).values(
            id=binding.id,
            account_id=binding.account_id,
            kind=binding.kind,
            issuer_sha256=facts.issuer_sha256,
            serial=facts.serial,
            key_sha256=facts.key_sha256,
            certificate_sha256=facts.sha256,
            certificate=facts.der,
            holder=facts.holder,
            not_before=facts.not_before,
            not_after=facts.not_after,
            bound_at=at,
        )
    )


def binding_of(session: Session, facts: CertificateFacts) -> Binding | None:
    """The binding of exactly this certificate: issuer, serial and key all equal (T3)."""
    row = session.execute(
        select(bindings).where(
            bindings.c.issuer_sha256 == facts.issuer_sha256,
            bindings.c.serial == facts.serial,
            bindings.c.key_sha256 == facts.key_sha256,
            bindings.c.certificate_sha256 == facts.sha256,
            bindings.c.removed_at.is_(None),
        )
    ).first()
    return _binding(row) if row else None


def known(session: Session, facts: CertificateFacts) -> bool:
    """Whether issuer and serial were ever bound to anybody."""
    return session.execute(_of_number(facts)).first() is not None


def was_removed(session: Session, facts: CertificateFacts) -> bool:
    """Whether they were, and that was ended."""
    return session.execute(_of_number(facts).where(bindings.c.removed_at.is_not(None))).first() is not None


def _of_number(facts: CertificateFacts) -> Select[tuple[str]]:
    return select(bindings.c.id).where(
        bindings.c.issuer_sha256 == facts.issuer_sha256, bindings.c.serial == facts.serial
    )


def remove(session: Session, binding_id: str, at: Instant) -> bool:
    """The row stays, so that nobody gets the certificate again; ``False`` if it was removed before."""
    standing = (bindings.c.id == binding_id) & bindings.c.removed_at.is_(None)
    return bool(session.execute(update(bindings).where(standing).values(removed_at=at)).rowcount)  # type: ignore[attr-defined]


def of_account(session: Session, account_id: str) -> list[Binding]:
    query = select(bindings).where(bindings.c.account_id == account_id, bindings.c.removed_at.is_(None))
    return [_binding(row) for row in session.execute(query.order_by(bindings.c.id))]


def _binding(row: Row[tuple[Any, ...]]) -> Binding:
    return Binding(
        id=row.id,
        account_id=row.account_id,
        kind=row.kind,
        certificate=row.certificate,
        certificate_sha256=row.certificate_sha256,
        holder=row.holder,
        not_before=Instant(row.not_before),
        not_after=Instant(row.not_after),
    )
