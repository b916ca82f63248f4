"""The one-time code that a person carries to his bridge, and the keys in it (``bridge/PROTOCOL.md``, 3.2). Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it looks like something else."""
CODE_SIZE, CHECK_BITS = 16, 22
CHARACTERS, GROUP = 30, 5
_SALT = b"cectrust-pairing-v1"
_NONCE = bytes(12)
"""Each sealing key seals once, so that its nonce may be fixed."""


@dataclass(frozen=True)
class CodeKeys:
    """The two MAC keys of a code, 32 octets each (HKDF-SHA-256, RFC 5869)."""

    to_server: bytes = field(repr=False)
    to_bridge: bytes = field(repr=False)


def new_code() -> bytes:
    """128 random bits."""
    return secrets.token_bytes(CODE_SIZE)


def shown(code: bytes) -> str:
    """Thirty characters in groups of five: the code and 22 bits that find a wrong copy out before anything is sent."""
    check = int.from_bytes(hashlib.sha256(b"cectrust-pairing-code-v1\0" + code).digest()[:3]) >> 24 - CHECK_BITS
    number = int.from_bytes(code) << CHECK_BITS | check
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CHARACTERS)))
    return "-".join(letters[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))


def keys(code: bytes) -> CodeKeys:
    return CodeKeys(_derived(code, b"bridge to server"), _derived(code, b"server to bridge"))


def lookup(code: bytes) -> bytes:
    """The 32 octets by which a bridge names its code; they reveal neither the code nor its keys."""
    return _derived(code, b"lookup")


def stored_name(found: bytes) -> str:
    """Under what a code is stored: a digest (hex) of its ``lookup``."""
    return hashlib.sha256(b"cectrust-pairing-stored-v1\0" + found).hexdigest()


def sealed(code: bytes) -> bytes:
    """The keys as they are stored: only the bridge's own ``lookup`` opens them, so that a copy of the database
    lets nobody pair."""
    both = keys(code)
    return AESGCM(_sealing_key(lookup(code))).encrypt(_NONCE, both.to_server + both.to_bridge, None)


def opened(found: bytes, stored: bytes) -> CodeKeys:
    """The keys again. Raises ``ValueError``: another ``lookup``."""
    try:
        both = AESGCM(_sealing_key(found)).decrypt(_NONCE, stored, None)
    except InvalidTag as error:
        raise ValueError("sealed under another name") from error
    return CodeKeys(both[:32], both[32:])


def mac(key: bytes, octets: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104)."""
    return hmac.digest(key, octets, "sha256")


def is_mac(key: bytes, octets: bytes, claimed: bytes) -> bool:
    return hmac.compare_digest(mac(key, octets), claimed)


def _sealing_key(found: bytes) -> bytes:
    return HKDF(SHA256(), 32, _SALT, b"at rest").derive(found)


def _derived(code: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, _SALT, info).derive(code)
