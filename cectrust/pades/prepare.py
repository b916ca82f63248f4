"""The first half of a signature: all bytes final but those of the signature itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cectrust.pades.model import Mechanism, PreparedDocument, SealImage, SignerCertificate


def prepare(
    source: Path,
    target: Path,
    field: str,
    signer: SignerCertificate,
    seal: SealImage | None,
    signing_time: datetime,
) -> PreparedDocument:
    """Write `source` plus the revision to be signed to `target`; the signature's place is reserved.

    `signing_time` must be aware; it is the claimed time in /M. Raises `FieldRefused` for a missing
    or signed field or a locked document, `CertificateRefused` for a weak certificate.
    """
    raise NotImplementedError


def mechanism_for(certificate: bytes) -> Mechanism:
    """Return the one mechanism for a DER certificate: RSA PKCS#1 v1.5, or ECDSA on P-256 or P-384.

    Raises `CertificateRefused` for any other key, RSA below 2048 bits, or SHA-1 (T18).
    """
    raise NotImplementedError


def signed_attributes(message_digest: bytes, certificate: bytes) -> bytes:
    """Return the DER `SET OF Attribute` the bridge signs: content-type, message-digest, signing-certificate-v2.

    Source: RFC 5652 section 11, RFC 5035 section 3, ETSI EN 319 142-1 table 1.
    """
    raise NotImplementedError
