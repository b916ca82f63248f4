"""The two halves of an X.509 certificate (RFC 5280 4.1): what is signed, and the signature put beside it.

The bytes to be signed are built once, recorded, linted under a throw-away key and then signed as they are;
so what was examined is what is issued, and signing again after a crash gives the same certificate.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from asn1crypto import algos, core, keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cectrust_cecsign.model import Validity

SERIAL_BITS = 128
"""Random bits of a serial number; RFC 5280 allows 20 octets, the CA/Browser Forum asks for 64 bits at least."""


@dataclass(frozen=True)
class Extension:
    """One extension: its value as cryptography models it, and whether it is critical."""

    value: x509.ExtensionType
    critical: bool = False


def new_serial() -> str:
    """A random serial number of 128 bits under a leading 1 nibble, hexadecimal: positive, never zero."""
    return f"1{secrets.randbits(SERIAL_BITS):0{SERIAL_BITS // 4}x}"


def build_tbs(
    serial: str,
    issuer: bytes,
    subject: bytes,
    public_key: bytes,
    validity: Validity,
    extensions: Sequence[Extension],
) -> bytes:
    """DER TBSCertificate, version 3, sha256WithRSAEncryption. ``issuer`` and ``subject`` are DER Names,
    ``public_key`` a DER SubjectPublicKeyInfo, ``serial`` hexadecimal."""
    tbs = asn1.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int(serial, 16),
            "signature": _signature_algorithm(),
            "issuer": asn1.Name.load(issuer),
            "validity": {
                "not_before": _time(validity.not_before),
                "not_after": _time(validity.not_after),
            },
            "subject": asn1.Name.load(subject),
            "subject_public_key_info": keys.PublicKeyInfo.load(public_key),
            "extensions": [_extension(extension) for extension in extensions],
        }
    )
    encoded: bytes = tbs.dump(force=True)
    return encoded


def assemble(tbs: bytes, signature: bytes) -> bytes:
    """DER Certificate of ``tbs``, byte for byte, and an RSA PKCS#1 v1.5 SHA-256 ``signature`` over it."""
    contents = tbs + _signature_algorithm().dump() + core.OctetBitString(signature).dump()
    encoded: bytes = core.Sequence(contents=contents).dump()
    return encoded


def precertificate(tbs: bytes) -> bytes:
    """DER certificate of ``tbs`` under a throw-away key that no one trusts: something to lint."""
    return assemble(tbs, sign_tbs(throw_away_key(), tbs))


def sign_tbs(key: rsa.RSAPrivateKey, tbs: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256: deterministic, so that a repeated signature is the same signature."""
    return key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())


@cache
def throw_away_key() -> rsa.RSAPrivateKey:
    """A key that no one trusts, for whatever is only to be linted."""
    return rsa.generate_private_key(65537, 2048)


def _signature_algorithm() -> algos.SignedDigestAlgorithm:
    return algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa", "parameters": core.Null()})


def _extension(extension: Extension) -> asn1.Extension:
    return asn1.Extension(
        {
            "extn_id": extension.value.oid.dotted_string,
            "critical": extension.critical,
            "extn_value": core.ParsableOctetString(extension.value.public_bytes()),
        }
    )


def _time(moment: Any) -> asn1.Time:
    """RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050."""
    if moment.year < 2050:
        return asn1.Time(name="utc_time", value=core.UTCTime(moment))
    return asn1.Time(name="general_time", value=core.GeneralizedTime(moment))
