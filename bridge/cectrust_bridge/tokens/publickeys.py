"""Public keys as tokens keep them (CKA_MODULUS, CKA_EC_POINT) and as everybody else does (SubjectPublicKeyInfo)."""

from __future__ import annotations

from typing import Any

from asn1crypto.core import OctetString
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_named_curve_parameters

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
CURVES: dict[str, ec.EllipticCurve] = {"secp256r1": ec.SECP256R1(), "secp384r1": ec.SECP384R1()}


def spki(key: PublicKey) -> bytes:
    """DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def from_token(key: Any) -> PublicKey:
    """A public key object of the token. Raises ValueError for a curve we don't know."""
    if key[Attribute.KEY_TYPE] == KeyType.RSA:
        modulus = int.from_bytes(key[Attribute.MODULUS], "big")
        return rsa.RSAPublicNumbers(int.from_bytes(key[Attribute.PUBLIC_EXPONENT], "big"), modulus).public_key()
    point, parameters = bytes(key[Attribute.EC_POINT]), bytes(key[Attribute.EC_PARAMS])
    for name, curve in CURVES.items():
        if parameters == encode_named_curve_parameters(name):
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, _unwrapped(point))
    raise ValueError("unknown curve")


def _unwrapped(point: bytes) -> bytes:
    """CKA_EC_POINT is a DER OCTET STRING; some old drivers give the bare point (X9.62, first octet 04)."""
    try:
        return bytes(OctetString.load(point, strict=True).native)
    except ValueError:
        return point


def mechanism_of(key: PublicKey) -> str:
    """The one signature mechanism of the protocol for this key; ValueError for others."""
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa_pkcs1v15_sha256"
    return {"secp256r1": "ecdsa_sha256", "secp384r1": "ecdsa_sha384"}[key.curve.name]
