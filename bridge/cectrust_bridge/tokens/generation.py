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
    Attribute.DERIVE: False,
}
PUBLIC = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: False,
    Attribute.VERIFY: True,
    Attribute.ENCRYPT: False,
    Attribute.WRAP: False,
}
PROMISED = {**PRIVATE, Attribute.LOCAL: True, Attribute.NEVER_EXTRACTABLE: True}
"""What PROTOCOL.md says of a private key, in attributes that every private key object has (PKCS#11 v2.40, 4.9)."""
UNANSWERED = (exceptions.AttributeTypeInvalid, exceptions.AttributeSensitive)


def ensure_key_pair(session: pkcs11.Session, key_type: str, key_id: bytes, label: str) -> bytes:
    """DER SubjectPublicKeyInfo of the pair `key_id`, made unless whole; half a pair is removed first.

    A driver that ignored the template made a key that could leave, or do more than sign. Such a pair is removed.
    """
    private, public = _halves(session, key_id)
    if not (private and public):
        _destroy([*private, *public])
        _generate(session, key_type, key_id, label)
        private, public = _halves(session, key_id)
    if not all(map(_is_as_promised, private)):
        _destroy([*private, *public])
        raise Failure("device_error")
    return spki(from_token(public[0]))


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


def _destroy(keys: list[Any]) -> None:
    for key in keys:
        key.destroy()


def _is_as_promised(private: Any) -> bool:
    """What the driver does not answer is not known to hold. Any other error leaves the pair for the next attempt."""
    try:
        return all(private[attribute] is wanted for attribute, wanted in PROMISED.items())
    except UNANSWERED:
        return False
