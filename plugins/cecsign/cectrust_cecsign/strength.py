"""Which public keys may be certified (rule T18)."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from cectrust_cecsign.errors import WeakKey

RSA_SIZES = frozenset({2048, 3072, 4096})
CURVES = frozenset({"secp256r1", "secp384r1"})
RSA2048_SUNSET = datetime(2031, 1, 1, tzinfo=UTC)
"""CRYPTREC and NIST SP 800-131A let 112-bit keys sign until the end of 2030."""


def check_strength(key: PublicKeyTypes) -> None:
    """Accept RSA-2048/3072/4096 with a public exponent of 65537, P-256 and P-384; raise `WeakKey` otherwise."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in RSA_SIZES or key.public_numbers().e != 65537:
            raise WeakKey(detail=f"RSA-{key.key_size}, e={key.public_numbers().e}")
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVES:
            raise WeakKey(detail=key.curve.name)
    else:
        raise WeakKey(detail=type(key).__name__)


def outlives_strength(key: PublicKeyTypes, not_after: datetime) -> bool:
    """True where a 2048-bit RSA key would stay certified beyond 2030: allowed, to be warned about."""
    return isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048 and not_after >= RSA2048_SUNSET
