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


def signed_attributes(certificate_der: bytes, message_digest: bytes) -> bytes:
    """DER SET OF content-type, message-digest and signing-certificate-v2: the octets that get signed."""
    certificate = x509.Certificate.load(certificate_der, strict=True)
    values = {
        "content_type": "data",
        "message_digest": message_digest,
        "signing_certificate_v2": _signing_certificate(certificate),
    }
    attributes = [cms.CMSAttribute({"type": name, "values": [value]}) for name, value in values.items()]
    return bytes(cms.CMSAttributes(attributes).dump())
