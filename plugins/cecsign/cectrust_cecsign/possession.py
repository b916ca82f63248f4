"""Proof of possession for a user ID: made here, where the token is, and verified by the core (T3)."""

from dataclasses import dataclass

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from pkcs11 import Attribute, ObjectClass

from cectrust.sdk.possession import binding_statement
from cectrust_cecsign.errors import TokenRefused
from cectrust_cecsign.keys import TokenRsaKey, load_key
from cectrust_cecsign.model import TokenAddress
from cectrust_cecsign.token import open_token


@dataclass(frozen=True)
class Proof:
    """A certificate (DER) and its key's signature over the statement that binds it to a user ID."""

    certificate: bytes
    signature: bytes


def prove(address: TokenAddress, pin: str, login_id: str) -> Proof:
    """Sign the binding statement with the key beside the token's newest certificate.

    Raises:
        TokenRefused: no certificate with its key is on the token, or the PIN is wrong.
        TokenUnavailable: no such token.
    """
    with open_token(address, pin) as token:
        key_id, der = _newest(token)
        key = load_key(token, key_id)
        statement = binding_statement(login_id, der)
        if isinstance(key, TokenRsaKey):
            return Proof(der, key.sign(statement, padding.PKCS1v15(), hashes.SHA256()))
        digest = hashes.SHA384() if isinstance(key.curve, ec.SECP384R1) else hashes.SHA256()
        return Proof(der, key.sign(statement, ec.ECDSA(digest)))


def _newest(token: pkcs11.Session) -> tuple[bytes, bytes]:
    """CKA_ID and DER of the certificate that is valid longest."""
    objects = list(token.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
    found = [(bytes(one[Attribute.ID]), bytes(one[Attribute.VALUE])) for one in objects]
    if not found:
        raise TokenRefused(detail="no certificate on the token")
    return max(found, key=lambda pair: x509.load_der_x509_certificate(pair[1]).not_valid_after_utc)
