"""What the keys of a test are good for."""

from __future__ import annotations

from cryptography import x509


def usage(ca: bool) -> x509.KeyUsage:
    """A CA signs certificates and CRLs; everybody else signs what he means (RFC 5280, 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
