"""Values that describe tokens and certificates, as the protocol shows them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ..formats.certificates import UnreadableCertificate, readable
from ..formats.jose import b64url

CURVES = {"secp256r1": "ecdsa_sha256", "secp384r1": "ecdsa_sha384"}
RSA_BITS = (2048, 3072, 4096)


@dataclass(frozen=True)
class Token:
    """A present token. `pin_state` is what its flags say: normal, low, final, locked or change_required.

    `mechanisms` it signs with and `key_types` it makes, in the protocol's words, as its mechanism list says.
    """

    module: str
    label: str
    serial: str
    manufacturer: str
    model: str
    pin_state: str
    protected_path: bool
    mechanisms: tuple[str, ...] = ()
    key_types: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As in `token.list`."""
        return asdict(self) | {"mechanisms": list(self.mechanisms), "key_types": list(self.key_types)}

    def is_same_device(self, other: Token) -> bool:
        """The same piece of plastic, whatever its PIN state now."""
        return (self.module, self.serial, self.model) == (other.module, other.serial, other.model)


def token_of(module: str, answer: Mapping[str, Any]) -> Token:
    """A token as its worker described it."""
    lists = {name: tuple(answer[name]) for name in ("mechanisms", "key_types")}
    return Token(**{**answer, **lists, "module": module})


@dataclass(frozen=True)
class Certificate:
    """An end-entity certificate on a token."""

    der: bytes
    key_type: str
    key_bits: int
    mechanisms: tuple[str, ...]
    token: Token

    @property
    def sha256(self) -> str:
        """Hex digest of the DER: the certificate's name in the protocol."""
        return hashlib.sha256(self.der).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """As in `cert.list`."""
        return {
            "sha256": self.sha256,
            "der": b64url(self.der),
            "key_type": self.key_type,
            "key_bits": self.key_bits,
            "mechanisms": list(self.mechanisms),
            "token": self.token.as_json(),
        }


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def is_authority(der: bytes) -> bool:
    """A certificate that can be read and is a CA's."""
    try:
        return _is_ca(readable(der))
    except UnreadableCertificate:
        return False


def certificate_on(token: Token, der: bytes) -> Certificate | None:
    """The certificate as a value; None if a CA's or of an unknown kind of key; UnreadableCertificate."""
    certificate = readable(der)
    key = certificate.public_key()
    if _is_ca(certificate):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        usable = ["rsa_pkcs1v15_sha256"] if key.key_size in RSA_BITS else []
        return Certificate(der, "rsa", key.key_size, _offered(token, usable), token)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return Certificate(der, "ec", key.key_size, _offered(token, [CURVES[key.curve.name]]), token)
    return None


def _offered(token: Token, usable: Sequence[str]) -> tuple[str, ...]:
    """What the key could do and the token's mechanism list has."""
    return tuple(mechanism for mechanism in usable if mechanism in token.mechanisms)
