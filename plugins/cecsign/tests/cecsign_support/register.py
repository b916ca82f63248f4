"""What a test asks of the register of certificates that the product never does: all of it at once."""

from __future__ import annotations

from cectrust_cecsign.model import IssuedCertificate
from cectrust_cecsign.store import certificates
from cectrust_cecsign.tables import certificate
from sqlalchemy import select
from sqlalchemy.orm import Session


def all_issued(session: Session) -> list[IssuedCertificate]:
    """Every signed certificate, each read as the product reads one."""
    found = [certificates.issued(session, serial) for serial in session.scalars(select(certificate.c.serial))]
    return [one for one in found if one is not None]
