"""PKCS#11 sessions and the objects on a token: key pairs made there, certificates put there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11 import exceptions as pkcs11_errors
from pkcs11.util.ec import encode_named_curve_parameters
from pkcs11.util.x509 import decode_x509_certificate

from cectrust_cecsign.errors import RegisterBroken, TokenRefused, TokenUnavailable
from cectrust_cecsign.model import KeyKind, TokenAddress, TokenIdentity

_one_at_a_time = threading.RLock()
"""python-pkcs11 is not thread-safe, and closing one session logs the whole process out of the token."""

_RSA_BITS = {KeyKind.RSA2048: 2048, KeyKind.RSA3072: 3072}
_CURVES = {KeyKind.P256: "secp256r1", KeyKind.P384: "secp384r1"}
_PIN_ERRORS = (
    pkcs11_errors.PinIncorrect,
    pkcs11_errors.PinLenRange,
    pkcs11_errors.PinLocked,
    pkcs11_errors.PinExpired,
    pkcs11_errors.UserPinNotInitialized,
)


@contextmanager
def open_token(address: TokenAddress, pin: str) -> Iterator[pkcs11.Session]:
    """A read-write session, logged in as the user; logged out at the end. One at a time in a process.

    Raises:
        TokenUnavailable: no such module or token, or the device failed.
        TokenRefused: the PIN is wrong or locked; it was tried once.
    """
    with _one_at_a_time, _own_errors(), _find(address).open(rw=True, user_pin=pin) as session:
        yield session


def identify(address: TokenAddress) -> TokenIdentity:
    """Model and serial number, without logging in."""
    with _one_at_a_time, _own_errors():
        token = _find(address)
        return TokenIdentity(token.model.strip(), token.serial.decode("ascii", "replace").strip())


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except _PIN_ERRORS as error:
        raise TokenRefused(detail=type(error).__name__) from None
    except pkcs11_errors.PKCS11Error as error:
        raise TokenUnavailable(detail=type(error).__name__) from error


def _find(address: TokenAddress) -> pkcs11.Token:
    try:
        library = pkcs11.lib(str(address.module))
    except RuntimeError as error:
        raise TokenUnavailable(detail=str(error)) from error
    token = _search(library, address)
    if token is None:
        library.reinitialize()  # a token that another process initialised shows up only then
        token = _search(library, address)
    if token is None:
        raise TokenUnavailable(detail=f"label={address.label} slot={address.slot}")
    return token


def _search(library: Any, address: TokenAddress) -> pkcs11.Token | None:
    for slot in library.get_slots(token_present=True):
        if address.slot is not None and slot.slot_id != address.slot:
            continue
        token: pkcs11.Token = slot.get_token()
        if _initialised(token) and (address.label is None or token.label == address.label):
            return token
    return None


def _initialised(token: pkcs11.Token) -> bool:
    """Whether the token was initialised; SoftHSM always shows one more slot with a blank token."""
    return bool(token.flags & pkcs11.TokenFlag.TOKEN_INITIALIZED)


def find_private_key(session: pkcs11.Session, key_id: bytes) -> pkcs11.PrivateKey | None:
    """The private key with this CKA_ID, if it is there."""
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}))
    return next((key for key in found if isinstance(key, pkcs11.PrivateKey)), None)


def find_public_key(session: pkcs11.Session, key_id: bytes) -> pkcs11.PublicKey | None:
    """The public key with this CKA_ID, if it is there."""
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key_id}))
    return next((key for key in found if isinstance(key, pkcs11.PublicKey)), None)


def ensure_key_pair(session: pkcs11.Session, kind: KeyKind | int, key_id: bytes, label: str) -> None:
    """Make the key pair ``key_id`` on the token unless a whole one is there; half a pair is removed first.

    ``kind`` is a `KeyKind` or, for CA keys, a number of RSA bits. The private key is sensitive, not
    extractable and made on the token, which is read back (`RegisterBroken` otherwise).
    """
    private, public = find_private_key(session, key_id), find_public_key(session, key_id)
    if private is None or public is None:
        for half in (private, public):
            if half is not None:
                half.destroy()
        _generate(session, kind, key_id, label)
    _check_protection(session, key_id)


def _generate(session: pkcs11.Session, kind: KeyKind | int, key_id: bytes, label: str) -> None:
    private = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True}
    capabilities = MechanismFlag.SIGN | MechanismFlag.VERIFY
    if isinstance(kind, KeyKind) and kind in _CURVES:
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVES[kind])}
        parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
        parameters.generate_keypair(
            store=True, id=key_id, label=label, capabilities=capabilities, private_template=private
        )
        return
    bits = _RSA_BITS[kind] if isinstance(kind, KeyKind) else kind
    session.generate_keypair(
        KeyType.RSA, bits, store=True, id=key_id, label=label, capabilities=capabilities, private_template=private
    )


def _check_protection(session: pkcs11.Session, key_id: bytes) -> None:
    key = find_private_key(session, key_id)
    if key is None or not key[Attribute.SENSITIVE] or key[Attribute.EXTRACTABLE] or not key[Attribute.LOCAL]:
        raise RegisterBroken(detail=f"key {key_id.hex()} is not protected by the token")


def ensure_certificate(session: pkcs11.Session, key_id: bytes, label: str, der: bytes) -> None:
    """Put the certificate beside its key unless it is there already, and read it back byte for byte."""
    if der not in _certificates(session, key_id):
        attributes = decode_x509_certificate(der)
        session.create_object(
            attributes | {Attribute.TOKEN: True, Attribute.PRIVATE: False, Attribute.ID: key_id, Attribute.LABEL: label}
        )
    if _certificates(session, key_id) != [der]:
        raise RegisterBroken(detail=f"certificates beside key {key_id.hex()} are not the one issued")


def _certificates(session: pkcs11.Session, key_id: bytes) -> list[bytes]:
    template = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.ID: key_id}
    return [bytes(found[Attribute.VALUE]) for found in list(session.get_objects(template))]
