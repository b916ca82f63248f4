"""One raw signature on a token, as the protocol wants it: PKCS#1 v1.5 or DER ECDSA-Sig-Value."""

from __future__ import annotations

import hashlib
from typing import Any

import pkcs11
from asn1crypto.algos import DigestInfo
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, exceptions

from ..attributes import HASHES


class KeyNotFound(Exception):
    """No private key with the certificate's CKA_ID."""


class Unsupported(Exception):
    """The token offers no mechanism for this kind of signature."""


def private_key(session: pkcs11.Session, key_id: bytes, mechanism: str) -> Any:
    """The private key beside the certificate. Listed first: a nested search would raise OperationActive."""
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}
    keys = list(session.get_objects(wanted))
    kind = KeyType.RSA if mechanism.startswith("rsa") else KeyType.EC
    keys = [key for key in keys if key[Attribute.KEY_TYPE] == kind]
    if len(keys) != 1:
        raise KeyNotFound
    return keys[0]


def _authenticate_again(session: pkcs11.Session, key: Any, pin: str | object) -> None:
    """Honour CKA_ALWAYS_AUTHENTICATE: some cards want the PIN for each signature."""
    try:
        always = bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except exceptions.AttributeTypeInvalid:
        return
    if always and isinstance(pin, str):
        session.reaffirm_credentials(pin)


def _sign_rsa(token: pkcs11.Token, key: Any, octets: bytes) -> bytes:
    offered = token.slot.get_mechanisms()
    if Mechanism.SHA256_RSA_PKCS in offered:
        return bytes(key.sign(octets, mechanism=Mechanism.SHA256_RSA_PKCS))
    if Mechanism.RSA_PKCS not in offered:
        raise Unsupported
    digest = hashlib.sha256(octets).digest()
    info = DigestInfo({"digest_algorithm": {"algorithm": "sha256"}, "digest": digest}).dump()
    return bytes(key.sign(info, mechanism=Mechanism.RSA_PKCS))


def _sign_ecdsa(token: pkcs11.Token, key: Any, octets: bytes, algorithm: str) -> bytes:
    """Hash here: SoftHSM and others have plain ECDSA only. PKCS#11 answers r‖s, CMS wants DER."""
    if Mechanism.ECDSA not in token.slot.get_mechanisms():
        raise Unsupported
    raw = bytes(key.sign(hashlib.new(algorithm, octets).digest(), mechanism=Mechanism.ECDSA))
    r, s = (int.from_bytes(half, "big") for half in (raw[: len(raw) // 2], raw[len(raw) // 2 :]))
    return encode_dss_signature(r, s)


def sign(
    token: pkcs11.Token, session: pkcs11.Session, key: Any, mechanism: str, octets: bytes, pin: str | object
) -> bytes:
    """Sign `octets` (DER attributes) with `mechanism` of the protocol."""
    _authenticate_again(session, key, pin)
    if mechanism == "rsa_pkcs1v15_sha256":
        return _sign_rsa(token, key, octets)
    return _sign_ecdsa(token, key, octets, HASHES[mechanism])
