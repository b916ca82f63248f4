"""Certificates that strangers hand in: parsed whole before anything is done with them (RFC 5280).

The parser reads names, dates and keys only when somebody asks for them; here they are all asked for at once, so that
nothing fails later, in front of the person.
"""

from __future__ import annotations

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

REFUSALS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the two parsers raise at bytes that are not as RFC 5280 says."""


class UnreadableCertificate(ValueError):
    """Not a certificate, or one with a part that cannot be read."""


def readable(der: bytes) -> x509.Certificate:
    """The certificate, if every part that is shown, compared or signed can be read; else UnreadableCertificate."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
        _ = certificate.not_valid_after_utc, certificate.not_valid_before_utc, certificate.extensions
        for name in (certificate.subject, certificate.issuer):
            name.rfc4514_string().encode()
        _ = asn1.Certificate.load(der, strict=True).issuer.dump()
    except REFUSALS as error:
        raise UnreadableCertificate("not a readable certificate") from error
    return certificate


def issued_by(below: x509.Certificate, above: x509.Certificate) -> bool:
    """Has the holder of `above` issued `below`, by name and signature (RFC 5280 section 6.1.3)? Dates do not matter."""
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
