"""A key pair made on the token, which it can never leave."""

from __future__ import annotations

from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass, exceptions
from pkcs11.util.ec import encode_named_curve_parameters

from .failures import Failure
from .mechanisms import EC_KEYS, RSA_KEYS
from .publickeys import from_token, spki

PRIVATE = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.SIGN: True,
    Attribute.DECRYPT: False,
    Attribute.UNWRAP: False,
}
PUBLIC = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: False,
    Attribute.VERIFY: True,
    Attribute.ENCRYPT: False,
    Attribute.WRAP: False,
}
GUARDS = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.LOCAL: True,
    Attribute.NEVER_EXTRACTABLE: True,
}


def ensure_key_pair(session: pkcs11.Session, key_type: str, key_id: bytes, label: str) -> bytes:
    """DER SubjectPublicKeyInfo of the pair `key_id`, made unless whole; half a pair is removed first."""
    halves = _halves(session, key_id)
    if not all(halves):
        for key in (key for half in halves for key in half):
            key.destroy()
        _generate(session, key_type, key_id, label)
        halves = _halves(session, key_id)
    private, public = halves[0][0], halves[1][0]
    _check(private)
    return spki(from_token(public))


def _halves(session: pkcs11.Session, key_id: bytes) -> tuple[list[Any], list[Any]]:
    """Private and public keys of this CKA_ID."""
    found = [
        list(session.get_objects({Attribute.CLASS: kind, Attribute.ID: key_id}))
        for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)
    ]
    return found[0], found[1]


def _generate(session: pkcs11.Session, key_type: str, key_id: bytes, label: str) -> None:
    common: dict[str, Any] = {
        "store": True,
        "id": key_id,
        "label": label,
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "private_template": PRIVATE,
        "public_template": PUBLIC,
    }
    if key_type in RSA_KEYS:
        session.generate_keypair(KeyType.RSA, RSA_KEYS[key_type], **common)
        return
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(EC_KEYS[key_type][0])}
    session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(**common)


def _check(private: Any) -> None:
    """Read back: a driver that ignored the template made a key that could leave. Such a key is removed."""
    for attribute, wanted in GUARDS.items():
        try:
            kept = bool(private[attribute]) is wanted
        except exceptions.AttributeTypeInvalid:
            continue
        if not kept:
            private.destroy()
            raise Failure("device_error")
