"""Passwords are stored as Argon2id hashes (RFC 9106); initial ones are made to be typed from paper or mail."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's parameters (Password Storage Cheat Sheet): one core, short enough inside a writing transaction."""
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_NOBODY = _HASHER.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Compare; without an account the same work is done, so that the time taken tells nothing."""
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def initial_password() -> str:
    """Four groups of four characters that are not mistaken for each other: 79 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
