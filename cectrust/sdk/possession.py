"""Proof of possession: what a certificate's key signs so that the certificate is bound to a user ID (T3).

A plugin that has the token open (when it issues) makes the proof; the core verifies it.
"""

from __future__ import annotations

import hashlib

_DOMAIN = b"cectrust-certificate-binding-v1"


def binding_statement(login_id: str, certificate: bytes) -> bytes:
    """The octets to sign: RSA PKCS#1 v1.5 with SHA-256, ECDSA with SHA-256 (P-256) or SHA-384 (P-384), DER.

    ``login_id`` is folded to lower case, ``certificate`` is DER. Domain-separated, so that no signature over a
    document or a request can pass for one.
    """
    digest = hashlib.sha256(certificate).hexdigest()
    return b"\x00".join((_DOMAIN, login_id.casefold().encode(), digest.encode()))
