"""The signed attributes of a PAdES baseline signature (RFC 5652 section 11, RFC 5035, ETSI EN 319 142-1)."""

from __future__ import annotations

import hashlib

from asn1crypto import cms, tsp, x509

HASHES = {"rsa_pkcs1v15_sha256": "sha256", "ecdsa_sha256": "sha256", "ecdsa_sha384": "sha384"}


def _signing_certificate(certificate: x509.Certificate) -> tsp.SigningCertificateV2:
    """ESSCertIDv2 with SHA-256, which is the DEFAULT and so left out of the encoding."""
    issuer = x509.GeneralName({"directory_name": certificate.issuer})
    identified = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(certificate.dump()).digest(),
            "issuer_serial": {"issuer": [issuer], "serial_number": certificate.serial_number},
        }
    )
    return tsp.SigningCertificateV2({"certs": [identified]})


class SignedAttributes:
    """The attributes for one certificate. Building them takes milliseconds, and only the digest differs in a batch."""

    def __init__(self, certificate_der: bytes, algorithm: str) -> None:
        """`algorithm` is sha256 or sha384."""
        place = hashlib.new(algorithm, b"the place of the digest").digest()
        built = _built(x509.Certificate.load(certificate_der, strict=True), place)
        self._before, found, self._after = built.partition(place)
        if not found or place in self._after:
            raise ValueError("the digest has no place of its own")
        self._size = len(place)

    def over(self, message_digest: bytes) -> bytes:
        """DER SET OF content-type, message-digest and signing-certificate-v2: the octets that get signed.

        X.690 section 11.6 sorts the three by their first octets, where their lengths differ: no digest changes it.
        """
        if len(message_digest) != self._size:
            raise ValueError("a digest of another algorithm")
        return self._before + message_digest + self._after


def _built(certificate: x509.Certificate, message_digest: bytes) -> bytes:
    values = {
        "content_type": "data",
        "message_digest": message_digest,
        "signing_certificate_v2": _signing_certificate(certificate),
    }
    attributes = [cms.CMSAttribute({"type": name, "values": [value]}) for name, value in values.items()]
    return bytes(cms.CMSAttributes(attributes).dump())
