"""Objects on a token: certificates, private and public keys. Listed first: a nested search raises OperationActive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pkcs11
from cryptography import x509
from pkcs11 import Attribute, KeyType, ObjectClass, exceptions
from pkcs11.util.x509 import decode_x509_certificate

from .failures import WRONG_PIN, Failure
from .publickeys import PublicKey, from_token, mechanism_of, spki

LABEL = 64


@dataclass(frozen=True)
class KeyPair:
    """A private key on the token, the public key that belongs to it, and how it signs."""

    private: Any
    public: PublicKey
    mechanism: str


def _listed(session: pkcs11.Session, kind: ObjectClass, key_id: bytes | None = None) -> list[Any]:
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    return list(session.get_objects(wanted if key_id is None else wanted | {Attribute.ID: key_id}))


def certificates(token: pkcs11.Token) -> list[tuple[bytes, bytes]]:
    """CKA_ID and DER of the X.509 certificates readable without PIN that have a CKA_ID."""
    return [(key_id, der) for key_id, der in all_certificates(token) if key_id]


def all_certificates(token: pkcs11.Token) -> list[tuple[bytes, bytes]]:
    """The same with those of no key here, whose CKA_ID is empty: authorities, for the most part."""
    with token.open() as session:
        found = _listed(session, ObjectClass.CERTIFICATE)
        return [(bytes(each[Attribute.ID]), bytes(each[Attribute.VALUE])) for each in found]


def private_key(session: pkcs11.Session, key_id: bytes, mechanism: str) -> Any:
    """The one private key with this CKA_ID that fits `mechanism`; Failure otherwise."""
    kind = KeyType.RSA if mechanism.startswith("rsa") else KeyType.EC
    keys = _listed(session, ObjectClass.PRIVATE_KEY, key_id)
    keys = [key for key in keys if key[Attribute.KEY_TYPE] == kind]
    if len(keys) != 1:
        raise Failure("cert_not_found")
    return keys[0]


def key_pair(session: pkcs11.Session, key_id: bytes) -> KeyPair:
    """Both halves of a pair; Failure("key_not_found") unless there is exactly one of each."""
    public = _listed(session, ObjectClass.PUBLIC_KEY, key_id)
    private = _listed(session, ObjectClass.PRIVATE_KEY, key_id)
    if len(public) != 1 or len(private) != 1:
        raise Failure("key_not_found")
    known = from_token(public[0])
    return KeyPair(private[0], known, mechanism_of(known))


def store(session: pkcs11.Session, der: bytes, chain: list[bytes]) -> None:
    """Chain, then certificate, each unless it is there: a crash between leaves nothing that looks finished."""
    key_id = _key_of(session, der)
    for issuer in chain:
        _ensure(session, issuer, b"")
    _ensure(session, der, key_id)


def _key_of(session: pkcs11.Session, der: bytes) -> bytes:
    """CKA_ID of the private key whose public half is the certificate's."""
    wanted = spki(x509.load_der_x509_certificate(der).public_key())  # type: ignore[arg-type]  # its form was checked
    private = {bytes(key[Attribute.ID]) for key in _listed(session, ObjectClass.PRIVATE_KEY)}
    for key in _listed(session, ObjectClass.PUBLIC_KEY):
        key_id = bytes(key[Attribute.ID])
        if key_id and key_id in private and _is(key, wanted):
            return key_id
    raise Failure("cert_key_mismatch")


def _is(key: Any, wanted: bytes) -> bool:
    """A key that we cannot read is another key."""
    try:
        return spki(from_token(key)) == wanted
    except (ValueError, exceptions.PKCS11Error):
        return False


def _ensure(session: pkcs11.Session, der: bytes, key_id: bytes) -> None:
    held = _listed(session, ObjectClass.CERTIFICATE)
    if any((bytes(each[Attribute.VALUE]), bytes(each[Attribute.ID])) == (der, key_id) for each in held):
        return
    subject = x509.load_der_x509_certificate(der).subject.rfc4514_string()[:LABEL]
    own = {Attribute.TOKEN: True, Attribute.PRIVATE: False, Attribute.ID: key_id, Attribute.LABEL: subject}
    made = session.create_object(decode_x509_certificate(der) | own)
    if bytes(made[Attribute.VALUE]) != der:
        raise Failure("device_error")


def change_pin(session: pkcs11.Session, old: str, new: str) -> None:
    """One C_SetPIN. A refused new PIN is told apart only where the driver does."""
    try:
        session.set_pin(old, new)
    except WRONG_PIN as error:
        if isinstance(error, exceptions.PinIncorrect):
            raise
        raise Failure("pin_rejected") from None
    except exceptions.PinTooWeak:
        raise Failure("pin_rejected") from None
