"""The one-time code that a person carries from his page to the bridge, and the keys in it (PROTOCOL.md 3.2)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import CodeMistyped

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKE = str.maketrans("OIL", "011")
CODE_BITS, CHECK_BITS, CHARACTERS = 128, 22, 30
SALT = b"cectrust-pairing-v1"


@dataclass(frozen=True)
class CodeKeys:
    """What both sides derive from the code (HKDF-SHA-256, RFC 5869). Only `lookup` ever crosses the wire."""

    lookup: bytes
    to_server: bytes = field(repr=False)
    to_bridge: bytes = field(repr=False)


def decode(text: str) -> bytes:
    """The 16 octets of a code as a person pastes or types it; CodeMistyped if its check does not fit."""
    wide = unicodedata.normalize("NFKC", text).upper().translate(LOOK_ALIKE)
    letters = [one for one in wide if not one.isspace() and unicodedata.category(one) not in ("Pd", "Cf")]
    if len(letters) != CHARACTERS or not all(one in ALPHABET for one in letters):
        raise CodeMistyped
    number = 0
    for one in letters:
        number = number << 5 | ALPHABET.index(one)
    code = (number >> CHECK_BITS).to_bytes(CODE_BITS // 8, "big")
    if number & (1 << CHECK_BITS) - 1 != _check(code):
        raise CodeMistyped
    return code


def keys(code: bytes) -> CodeKeys:
    """Derive the three keys of a code."""
    return CodeKeys(*(_derived(code, info) for info in (b"lookup", b"bridge to server", b"server to bridge")))


def mac(key: bytes, octets: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104)."""
    return hmac.digest(key, octets, "sha256")


def is_mac(key: bytes, octets: bytes, claimed: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(mac(key, octets), claimed)


def _check(code: bytes) -> int:
    digest = hashlib.sha256(b"cectrust-pairing-code-v1\0" + code).digest()
    return int.from_bytes(digest[:3], "big") >> 24 - CHECK_BITS


def _derived(code: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, SALT, info).derive(code)
