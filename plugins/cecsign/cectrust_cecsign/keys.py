"""Private keys that stay on a token, in the shape cryptography signs with.

cryptography has no PKCS#11 API, but its builders take any `rsa.RSAPrivateKey` or
`ec.EllipticCurvePrivateKey` and call ``sign``; these two hand that call to the token.
"""

from typing import Any, NoReturn

import pkcs11
from asn1crypto.algos import DSASignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric import utils as asymmetric
from pkcs11 import KeyType, Mechanism
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key

from cectrust_cecsign.errors import RegisterBroken
from cectrust_cecsign.token import find_private_key, find_public_key

_STAYS = "the key cannot leave its token"
_RSA_MECHANISMS = {
    "sha256": Mechanism.SHA256_RSA_PKCS,
    "sha384": Mechanism.SHA384_RSA_PKCS,
    "sha512": Mechanism.SHA512_RSA_PKCS,
}


class TokenRsaKey(rsa.RSAPrivateKey):
    """RSASSA-PKCS1-v1_5 on the token; valid while the session that found it is open."""

    def __init__(self, key: pkcs11.SignMixin, public: rsa.RSAPublicKey) -> None:
        self._key = key
        self._public = public

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> rsa.RSAPublicKey:
        return self._public

    def sign(
        self,
        data: bytes | Any,
        padding: padding.AsymmetricPadding,
        algorithm: asymmetric.Prehashed | hashes.HashAlgorithm | asymmetric.NoDigestInfo,
    ) -> bytes:
        if not isinstance(algorithm, hashes.HashAlgorithm) or padding.name != "EMSA-PKCS1-v1_5":
            raise NotImplementedError("only PKCS#1 v1.5 with a hash that the token computes")
        return bytes(self._key.sign(bytes(data), mechanism=_RSA_MECHANISMS[algorithm.name]))

    def decrypt(self, ciphertext: bytes, padding: padding.AsymmetricPadding) -> NoReturn:
        raise NotImplementedError("a signing key does not decrypt")

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError(_STAYS)

    def private_bytes(self, *_: Any) -> NoReturn:
        raise NotImplementedError(_STAYS)

    def __copy__(self) -> "TokenRsaKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "TokenRsaKey":
        return self


class TokenEcKey(ec.EllipticCurvePrivateKey):
    """ECDSA on the token; SoftHSM has only the raw mechanism, so the hash is made here."""

    def __init__(self, key: pkcs11.SignMixin, public: ec.EllipticCurvePublicKey) -> None:
        self._key = key
        self._public = public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    def sign(self, data: bytes | Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        algorithm = signature_algorithm.algorithm
        if not isinstance(algorithm, hashes.HashAlgorithm):
            raise NotImplementedError("give the data, not its hash")
        digest = hashes.Hash(algorithm)
        digest.update(bytes(data))
        raw = bytes(self._key.sign(digest.finalize(), mechanism=Mechanism.ECDSA))
        # PKCS#11 answers r‖s; X.509 wants the DER sequence of both.
        encoded: bytes = DSASignature.from_p1363(raw).dump()
        return encoded

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        raise NotImplementedError("a signing key agrees on nothing")

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError(_STAYS)

    def private_bytes(self, *_: Any) -> NoReturn:
        raise NotImplementedError(_STAYS)

    def __copy__(self) -> "TokenEcKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "TokenEcKey":
        return self


def load_key(session: pkcs11.Session, key_id: bytes) -> TokenRsaKey | TokenEcKey:
    """The key pair with this CKA_ID; raises `RegisterBroken` if the token does not hold all of it."""
    private, public = find_private_key(session, key_id), find_public_key(session, key_id)
    if not isinstance(private, pkcs11.SignMixin) or public is None:
        raise RegisterBroken(detail=f"no key pair {key_id.hex()} for signing on the token")
    if public.key_type == KeyType.RSA:
        loaded = serialization.load_der_public_key(encode_rsa_public_key(public))
        if isinstance(loaded, rsa.RSAPublicKey):
            return TokenRsaKey(private, loaded)
    if public.key_type == KeyType.EC:
        loaded = serialization.load_der_public_key(encode_ec_public_key(public))
        if isinstance(loaded, ec.EllipticCurvePublicKey):
            return TokenEcKey(private, loaded)
    raise RegisterBroken(detail=f"key pair {key_id.hex()} is neither RSA nor EC")


def public_key_der(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    """DER SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
