"""What is known of a certificate, and what binds one to a user ID. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from cectrust.clock import from_datetime
from cectrust.pades import mechanism_for
from cectrust.pades.certificates import parse_certificate
from cectrust.pades.model import Mechanism
from cectrust.sdk.protocols import CertificateKind, Instant


@dataclass(frozen=True)
class CertificateFacts:
    """What a DER certificate says; nothing of it is trusted before its path was validated."""

    der: bytes
    sha256: str
    issuer_sha256: str
    """Over the DER name of the issuer: with the serial it names a certificate (RFC 5280, 4.1.2.2)."""
    serial: str
    key_sha256: str
    """Over the DER SubjectPublicKeyInfo."""
    holder: str
    issuer: str
    not_before: Instant
    not_after: Instant
    mechanism: Mechanism


@dataclass(frozen=True)
class Binding:
    """A certificate that a user ID may sign with."""

    id: str
    account_id: str
    kind: str
    certificate: bytes
    certificate_sha256: str
    holder: str
    not_before: Instant
    not_after: Instant


@dataclass(frozen=True)
class RecognisedCertificate:
    """A certificate of a configured kind, good a moment ago: path validated, not revoked."""

    facts: CertificateFacts
    kind: CertificateKind
    chain: tuple[bytes, ...]
    """CA certificates above it, without the anchor."""


@dataclass(frozen=True)
class SigningCertificate:
    """A certificate that was accepted for one signature now."""

    facts: CertificateFacts
    kind: str
    chain: tuple[bytes, ...]
    """CA certificates above it, without the anchor."""
    binding_id: str


def facts_of(certificate: bytes) -> CertificateFacts:
    """Parse a DER certificate. Raises ``InputRefused`` for what cannot be parsed or is too weak (T18)."""
    mechanism = mechanism_for(certificate)
    parsed = parse_certificate(certificate)
    public_key = parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return CertificateFacts(
        der=certificate,
        sha256=hashlib.sha256(certificate).hexdigest(),
        issuer_sha256=hashlib.sha256(parsed.issuer.public_bytes()).hexdigest(),
        serial=f"{parsed.serial_number:x}",
        key_sha256=hashlib.sha256(public_key).hexdigest(),
        holder=_common_name(parsed.subject),
        issuer=_common_name(parsed.issuer),
        not_before=from_datetime(parsed.not_valid_before_utc),
        not_after=from_datetime(parsed.not_valid_after_utc),
        mechanism=mechanism,
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()
