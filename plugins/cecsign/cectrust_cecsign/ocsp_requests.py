"""Answering OCSP without a key (RFC 6960, RFC 5019): everything was signed beforehand."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from sqlalchemy.orm import Session

from cectrust_cecsign.instants import to_datetime
from cectrust_cecsign.model import Authority
from cectrust_cecsign.store import authorities, status

CERT_ID_HASHES: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}  # noqa: S303
"""Clients name a certificate by either hash (RFC 6960 4.1.1); it protects nothing, so T18 allows SHA-1 here."""
MAXIMUM_REQUEST = 4096
"""Bytes; a request for one certificate has about a hundred."""


@dataclass(frozen=True)
class Answer:
    """DER OCSPResponse and, if it may be cached, its two times."""

    der: bytes
    this_update: datetime | None = None
    next_update: datetime | None = None


def answer(session: Session, request: bytes, moment: datetime) -> Answer:
    """The stored response, or an unsigned error: ``malformedRequest``, ``unauthorized`` for a certificate that is not
    ours (RFC 5019 2.2.3), ``tryLater`` where the stored response is stale or the register says otherwise."""
    try:
        parsed = ocsp.load_der_ocsp_request(request)
        hash_name, serial = parsed.hash_algorithm.name, f"{parsed.serial_number:x}"
    except (ValueError, NotImplementedError, UnsupportedAlgorithm):
        return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if hash_name not in CERT_ID_HASHES or not _names_our_ca(session, parsed, hash_name):
        return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    stored = status.response(session, serial, hash_name)
    if stored is None:
        return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    revoked = status.revocation_of(session, serial) is not None
    if to_datetime(stored.next_update) <= moment or stored.revoked != revoked:
        return _refusal(ocsp.OCSPResponseStatus.TRY_LATER)
    return Answer(stored.der, to_datetime(stored.this_update), to_datetime(stored.next_update))


def _names_our_ca(session: Session, request: ocsp.OCSPRequest, hash_name: str) -> bool:
    issuer = x509.load_der_x509_certificate(authorities.certificate_of(session, Authority.ISSUING))
    digest = {"sha1": sha1, "sha256": sha256}[hash_name]
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    name_hash, key_hash = digest(issuer.subject.public_bytes()).digest(), digest(key).digest()
    return (request.issuer_name_hash, request.issuer_key_hash) == (name_hash, key_hash)


def _refusal(reason: ocsp.OCSPResponseStatus) -> Answer:
    return Answer(ocsp.OCSPResponseBuilder.build_unsuccessful(reason).public_bytes(Encoding.DER))
