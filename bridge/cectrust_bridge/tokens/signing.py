"""Raw signatures on a token, as the protocol wants them: PKCS#1 v1.5 or DER ECDSA-Sig-Value."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pkcs11
from asn1crypto.algos import DigestInfo
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, Mechanism, exceptions

from ..formats.attributes import HASHES
from .failures import Failure

Sign = Callable[[bytes], bytes]


def _wants_pin_each_time(key: Any) -> bool:
    """CKA_ALWAYS_AUTHENTICATE: some cards want the PIN between C_SignInit and C_Sign of each signature."""
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except exceptions.AttributeTypeInvalid:
        return False


def _context_pin(key: Any, pin: str | object) -> str | None:
    if not _wants_pin_each_time(key):
        return None
    if not isinstance(pin, str):
        # python-pkcs11 cannot log in to a context through the token's own keys.
        raise Failure("mechanism_unsupported")
    return pin


def _rsa(token: pkcs11.Token, key: Any, pin: str | None) -> Sign:
    offered = token.slot.get_mechanisms()
    if Mechanism.SHA256_RSA_PKCS in offered:
        return lambda octets: bytes(key.sign(octets, mechanism=Mechanism.SHA256_RSA_PKCS, pin=pin))
    if Mechanism.RSA_PKCS not in offered:
        raise Failure("mechanism_unsupported")

    def sign(octets: bytes) -> bytes:
        digest = hashlib.sha256(octets).digest()
        info = DigestInfo({"digest_algorithm": {"algorithm": "sha256"}, "digest": digest}).dump()
        return bytes(key.sign(info, mechanism=Mechanism.RSA_PKCS, pin=pin))

    return sign


def _ecdsa(token: pkcs11.Token, key: Any, algorithm: str, pin: str | None) -> Sign:
    """Hash here: SoftHSM and others have plain ECDSA only. PKCS#11 answers r‖s, CMS wants DER."""
    if Mechanism.ECDSA not in token.slot.get_mechanisms():
        raise Failure("mechanism_unsupported")

    def sign(octets: bytes) -> bytes:
        digest = hashlib.new(algorithm, octets).digest()
        raw = bytes(key.sign(digest, mechanism=Mechanism.ECDSA, pin=pin))
        r, s = (int.from_bytes(half, "big") for half in (raw[: len(raw) // 2], raw[len(raw) // 2 :]))
        return encode_dss_signature(r, s)

    return sign


def signer(token: pkcs11.Token, key: Any, mechanism: str, pin: str | object) -> Sign:
    """What signs octets with `mechanism` of the protocol. Raises Failure("mechanism_unsupported")."""
    context_pin = _context_pin(key, pin)
    if mechanism == "rsa_pkcs1v15_sha256":
        return _rsa(token, key, context_pin)
    return _ecdsa(token, key, HASHES[mechanism], context_pin)
