"""PKCS#10 certification requests (RFC 2986), signed on the token: proof of possession of the key."""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import csr, keys
from asn1crypto.algos import SignedDigestAlgorithm

from ..formats.names import name
from .publickeys import PublicKey, spki
from .signing import Sign

ALGORITHMS = {"rsa_pkcs1v15_sha256": "sha256_rsa", "ecdsa_sha256": "sha256_ecdsa", "ecdsa_sha384": "sha384_ecdsa"}


def request(subject: Sequence[tuple[str, str]], key: PublicKey, mechanism: str, sign: Sign) -> bytes:
    """DER of the request; `sign` is asked once, over CertificationRequestInfo."""
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": name(subject),
            "subject_pk_info": keys.PublicKeyInfo.load(spki(key)),
            "attributes": [],
        }
    )
    made = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": SignedDigestAlgorithm({"algorithm": ALGORITHMS[mechanism]}),
            "signature": sign(info.dump()),
        }
    )
    return bytes(made.dump())
